"""The tables of a published copy: a run without its data."""
