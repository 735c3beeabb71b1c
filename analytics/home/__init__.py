"""What changed, what moved, what comes next."""
