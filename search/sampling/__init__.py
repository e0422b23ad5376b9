"""Where suggestions are made: everything that uses Optuna."""
