"""Trackers: what a run writes for other programs to watch."""
