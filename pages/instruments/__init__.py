"""What stands on the page of an instrument alone."""
