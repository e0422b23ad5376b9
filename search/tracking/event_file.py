"""A file of TensorBoard events, written at once.

TensorBoard's own writer hands each event to a thread and opens the file anew for each flush; where
the file has gone, the thread ends in a traceback and the next event waits for it for ever.
"""

import io
import itertools
import os
import socket
import time
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.summary.writer.record_writer import RecordWriter

_VERSION = "brain.Event:2"
_numbers = itertools.count()


class EventFile:
    """A new event file in ``folder``, which exists; it is open only while it is written to."""

    def __init__(self, folder: Path) -> None:
        when = time.time()
        name = f"events.out.tfevents.{int(when):010d}.{socket.gethostname()}.{os.getpid()}"
        self._path = folder / f"{name}.{next(_numbers)}"
        self._waiting = io.BytesIO()
        self.add_event(Event(wall_time=when, file_version=_VERSION))

    def add_event(self, event: Event) -> None:
        """Add an event, which ``flush`` writes."""
        RecordWriter(self._waiting).write(event.SerializeToString())

    def flush(self) -> None:
        """Write what was added.

        Raises:
            OSError: the file system refuses it.
        """
        if content := self._waiting.getvalue():
            with self._path.open("ab") as file:
                file.write(content)
            self._waiting = io.BytesIO()
