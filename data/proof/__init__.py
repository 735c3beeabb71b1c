"""Receipts: made, and run again to the same number."""
