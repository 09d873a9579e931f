"""Deaths on purpose: stories that are killed at every write and sync, and what is examined afterwards."""
