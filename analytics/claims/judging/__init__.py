"""A statement against the lake: what it says, what the lake has, and the verdict."""
