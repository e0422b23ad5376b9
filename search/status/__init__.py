"""How far runs are and what they have found, counted from their ledgers."""
