"""``make bench``: what Catnap costs on this machine, next to the budgets. Never run by the unit tests."""
