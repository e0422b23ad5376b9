"""Benchmarks of what batches of unequal lengths cost."""
