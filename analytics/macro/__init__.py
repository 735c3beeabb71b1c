"""Macro data as they were known: prints, revisions, surprises, bias."""
