"""Trials that are computed again: the command that does it, and how they compare."""
