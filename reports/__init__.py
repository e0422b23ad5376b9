"""Tables and documents from a run's Parquet ledger."""
