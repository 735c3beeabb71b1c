"""What every page stands in: navigation, clock, panels, charts."""
