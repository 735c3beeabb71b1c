"""One thin main per process, and the command lines for one-off work."""
