"""Panels of macro data: bias, regimes, changes."""
