"""Results that tables and figures share: seed groups, ensembles, costs, missing cells."""
