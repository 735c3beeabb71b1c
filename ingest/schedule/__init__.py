"""When jobs run, and the process that runs them."""
