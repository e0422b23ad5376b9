"""Checkpoints: written, identified and read back."""
