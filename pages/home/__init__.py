"""What stands on Home alone."""
