"""Which models of a run are meant: the configuration that validation chose, a cell, or a trial.

``export`` writes them and ``experiment.start_from`` starts from them. They must be those that the
report shows, so this folder uses more of ``reports`` than its ledger.
"""
