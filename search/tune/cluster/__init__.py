"""The Ray of a run: started here or joined, guarded, counted."""
