"""Prices: moves, correlation, seasons, volatility, studies."""
