"""The tables of a run as pandas data frames; pandas is imported when the first one is made."""
