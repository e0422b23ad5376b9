"""Optimiser, learning rates, number format and early stopping."""
