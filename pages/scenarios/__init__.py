"""Saved scenarios of any kind: opened by their address, saved, listed, deleted, compared."""
