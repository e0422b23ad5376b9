"""Trials one after another in the process of the command: ``resources.launcher: sequential``."""
