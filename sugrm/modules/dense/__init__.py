"""Dense attention without padding: rows of real frames, groups of utterances, their products."""
