"""``sugrm-search export RUN OUT``: which models of a run are meant, and what their card says.

Only this folder, ``report`` and what displays reports use more of ``reports`` than its ledger: the
chosen configuration and its metrics must be those that the report shows.
"""
