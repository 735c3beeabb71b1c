"""What several commands and processes share."""
