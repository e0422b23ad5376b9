"""A search as an Optuna journal, for Optuna and optuna-dashboard: after a run, or during it."""
