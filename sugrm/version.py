"""The version of the numbers."""

NUMERICS = 1
"""Raised by hand when a change alters results; part of every trial's key."""
