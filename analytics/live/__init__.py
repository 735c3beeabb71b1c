"""Live metrics and the rules over them."""
