"""Panels of a portfolio: its sums, positions, course, exposure, risk and ledger."""
