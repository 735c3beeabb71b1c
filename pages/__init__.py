"""The shell facing the analyst: one file a page."""
