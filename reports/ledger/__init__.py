"""Reading the files of a run folder: Parquet parts and JSON, each checked once, in one place.

Reports and ``search.ledger`` both read a run through this package, so both call the same files
damaged, for the same reasons.
"""
