"""Checkpoints: writing, identity and reading."""
