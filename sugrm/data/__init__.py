"""Corpora: readers, the columnar store, collation."""
