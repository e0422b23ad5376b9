"""What the benchmarks of long runs share: a made run, and a cluster without Ray."""
