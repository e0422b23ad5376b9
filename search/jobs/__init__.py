"""Trials as jobs of a batch system, without Ray: ``resources.launcher: submitit``."""
