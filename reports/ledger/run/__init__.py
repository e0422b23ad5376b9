"""One run read into memory: its trials, its roles, its ``experiment.json``."""
