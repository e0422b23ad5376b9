"""A file of TensorBoard events, written by the thread that calls.

TensorBoard's own writer passes events to a thread that opens the file again for each flush. If the
file was removed, that thread ends with a traceback and the next event waits for it for ever.
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
        """Add an event in memory; ``flush`` writes it."""
        RecordWriter(self._waiting).write(event.SerializeToString())

    def flush(self) -> None:
        """Write the added events.

        Raises:
            OSError: the file system refuses it.
        """
        if content := self._waiting.getvalue():
            with self._path.open("ab") as file:
                file.write(content)
            self._waiting = io.BytesIO()
