"""Ray Tune's own signal handlers, which a run does without."""

import contextlib
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def no_signal_stops_tune() -> Iterator[None]:
    """Keep the handlers of this process while Tune runs.

    At SIGUSR1 Tune would end as if the run were done; no variable turns that off, unlike SIGINT.
    """
    from ray.tune import tune

    usual = tune._setup_signal_catching
    tune._setup_signal_catching = threading.Event
    try:
        yield
    finally:
        tune._setup_signal_catching = usual
