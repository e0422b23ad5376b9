"""Models as programs of ``torch.export``, which run without this package."""
