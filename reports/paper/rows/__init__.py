"""Which trials of which run fill the rows of the paper's tables."""
