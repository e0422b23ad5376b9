"""Tables with text and labels: CSV, JSON, Parquet, Arrow and folders of them."""
