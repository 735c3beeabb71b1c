"""The shell facing the world: network in, rows out."""
