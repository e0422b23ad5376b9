"""Progress as plain lines, for logs, pipes and ``--quiet``."""

import time
from collections.abc import Callable
from typing import TextIO

from search.cli.display import wording
from search.cli.display.output import one_line
from search.cli.display.run_state import RunState
from search.events import (
    EpochDone,
    Event,
    PlanReady,
    RunWarning,
    TrialEnded,
    TrialReused,
    WorkersStarting,
)

INTERVAL_SECONDS = 30.0
"""Shortest time between two progress lines."""


class Lines:
    """Write one line for each ended trial, and from time to time a progress line.

    Args:
        stream: where the lines are written.
        clock: returns monotonic seconds; replaced in tests.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._last = clock()
        self._state = RunState(clock)

    def __enter__(self) -> "Lines":
        """Return the listener itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the stream open: it belongs to the caller."""

    def __call__(self, event: Event) -> None:
        """Write the line of ``event``, where it has one."""
        self._state.update(event)
        match event:
            case WorkersStarting(where=where):
                self._write(f"starting {where}")
            case PlanReady():
                self._write(wording.continued(event))
                self._write(wording.at_once(event))
                for note in event.notes:
                    self._write(note)
            case TrialEnded() | TrialReused():
                self._write(wording.ended(event, self._state.objective))
            case RunWarning(message=message):
                self._write(f"warning: {message}")
            case EpochDone() if self._clock() - self._last >= INTERVAL_SECONDS:
                self._last = self._clock()
                self._write(f"progress: {wording.state_line(self._state)}")

    def _write(self, line: str) -> None:
        if line:
            self._stream.write(f"{one_line(line)}\n")
            self._stream.flush()
