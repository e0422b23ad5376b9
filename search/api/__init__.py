"""Working from Python, as in a notebook: run a space, read a run. ``search`` exports the names."""
