"""Positions and their gains."""
