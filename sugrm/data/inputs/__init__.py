"""Inputs of a trained model: files and Python values without labels, as far as it can read them."""
