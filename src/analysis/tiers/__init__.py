"""From noisy estimates to tiers: shrinkage, calibrated thresholds, what can be told apart."""
