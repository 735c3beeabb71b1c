"""Drafts and the checks of their numbers: marked text, evidence, corrections, files."""
