"""``sugrm-search publish RUN... --out FOLDER``: a copy of a run that holds no data.

Its report is the one that ``report`` writes, so this folder uses more of ``reports`` than its
ledger.
"""
