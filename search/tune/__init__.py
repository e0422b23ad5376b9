"""Running a plan on Ray Tune, with Optuna by ask and tell."""
