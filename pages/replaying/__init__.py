"""Replay: the window, its stage, transport and export."""
