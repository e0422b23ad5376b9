"""Budgets: what a run may take, and what it has used."""
