"""Pickles read without executing anything in them."""
