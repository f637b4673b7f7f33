"""Show an answer to people and programs."""
