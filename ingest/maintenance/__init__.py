"""Jobs of the workspace itself."""
