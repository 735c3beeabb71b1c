"""Notes on an instrument, a company, a country or a list, in which no figure is invented."""
