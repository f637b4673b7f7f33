"""Measure the program: answers to questions whose answers are known, and the proof of statements."""
