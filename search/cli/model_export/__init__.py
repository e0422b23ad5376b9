"""``sugrm-search export RUN OUT``: writing models of a run, and what their card says.

The metrics of the card must be those that the report shows, so this folder uses more of ``reports``
than its ledger.
"""
