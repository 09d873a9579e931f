"""Replay: what a policy would have asked of whom, over a log of decisions as typed columns (extra `newel[replay]`)."""
