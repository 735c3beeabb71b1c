"""The parts of the page Notes."""
