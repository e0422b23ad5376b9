"""Scripts that measure speed, and labels; each prints its numbers. See docs/benchmarks.md."""
