"""Numbers, days and times as a draft writes them."""
