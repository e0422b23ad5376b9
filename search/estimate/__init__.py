"""What a run will take before it starts: epochs, time, GPU-hours and disk."""
