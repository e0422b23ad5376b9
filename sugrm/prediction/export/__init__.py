"""Writing a model folder: weights, text encoder, plug-ins, description and card."""
