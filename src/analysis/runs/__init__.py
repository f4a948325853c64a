"""Running notebooks: what is stale, in which order, and never losing earlier results."""
