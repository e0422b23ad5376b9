"""The sections of an experiment: data, text, encoders, objective, training."""
