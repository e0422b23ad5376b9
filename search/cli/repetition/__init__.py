"""``sugrm-search repeat``: computing trials of a run again and comparing them with their record.

The trials must be those that the report shows, so this folder uses more of ``reports`` than its
ledger.
"""
