"""Texts that analysts bring to be checked: read as a reader sees them, and nothing is run."""
