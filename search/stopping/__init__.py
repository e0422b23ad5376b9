"""Where trials stop early: successive halving, Hyperband, median, no gain."""
