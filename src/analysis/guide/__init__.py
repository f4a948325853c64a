"""From this job, to that job, in this place: which programs, in which tiers, for which reasons."""
