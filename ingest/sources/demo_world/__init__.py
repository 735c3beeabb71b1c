"""The parts of the demo world, from its hidden story to printed tables."""
