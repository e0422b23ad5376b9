"""The one reader of a run folder: its Parquet parts, trials, roles, curves and ``experiment.json``.

Reports and ``search`` both read runs through this package, so they read the same values and find
the same files damaged. ``search.ledger`` writes the files.
"""
