"""Import of watchlists, trades and expectations."""
