"""Panels of the lake and its jobs."""
