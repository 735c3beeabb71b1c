"""What `scripts.bench` is made of: a large world, the paths measured, their peers, the report."""
