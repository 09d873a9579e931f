"""The pure heart: evidence, assurance, requirements, plans. No clock, no randomness, no I/O."""
