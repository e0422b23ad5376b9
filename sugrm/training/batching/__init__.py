"""Which utterances form a batch: by length in evaluation, by chance in training."""
