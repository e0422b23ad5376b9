"""One run as a whole: ``experiment.json``, and what reports keep of a run in memory."""
