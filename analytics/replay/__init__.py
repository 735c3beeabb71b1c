"""Windows of the past, frame by frame."""
