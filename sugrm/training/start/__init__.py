"""Starting from a trained model: its weights in a plain form, and taking them over."""
