"""Factors: one file for each way to prove who one is, all speaking the protocol of `base`. Pure: no clock, no I/O."""
