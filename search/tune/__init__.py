"""Ray Tune runs a plan: searcher, scheduler, workers. Nothing else imports Ray."""
