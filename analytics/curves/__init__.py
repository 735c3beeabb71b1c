"""Yield curves as they were known: levels, changes, slopes, the surface over time, breakevens."""
