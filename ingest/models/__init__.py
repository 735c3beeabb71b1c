"""Language models beside the deterministic checks: asked by the scheduler's worker alone."""
