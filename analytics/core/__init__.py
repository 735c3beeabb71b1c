"""What every analytic stands on: the catalogue, sources, closes, money."""
