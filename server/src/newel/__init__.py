"""Newel: step-up authentication people can run themselves. The authorization server."""
