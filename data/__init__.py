"""What a row is, where it lies, how it is read and written."""
