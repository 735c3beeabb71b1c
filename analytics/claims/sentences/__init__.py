"""Sentences made into statements: which number is of what, when, and against what."""
