"""Formulas over instruments and series."""
