"""What tables and figures ask of a run: seed groups, ensembles, costs, gaps."""
