"""Readers of the feature files that people have."""
