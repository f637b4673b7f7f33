"""What is asked: the words of a question, the turns that it leans on, the time that it names."""
