"""Regimes of growth and inflation."""
