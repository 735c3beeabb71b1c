"""The small facts that people and processes write: lists, positions, rules, runs, budgets."""
