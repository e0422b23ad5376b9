"""Disabling the signal handlers that Ray Tune sets."""

import contextlib
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def no_signal_stops_tune() -> Iterator[None]:
    """Keep this process's own signal handlers while Tune runs.

    Tune would end at SIGUSR1 as if the run were done; unlike for SIGINT, no variable disables that.
    """
    from ray.tune import tune

    usual = tune._setup_signal_catching
    tune._setup_signal_catching = threading.Event
    try:
        yield
    finally:
        tune._setup_signal_catching = usual
