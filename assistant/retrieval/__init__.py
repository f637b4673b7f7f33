"""Find the passages that may answer a question, and judge whether they do."""
