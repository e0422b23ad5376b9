"""Where a worker keeps the checkpoint of its trial: a folder, or a prefix of a store."""

import errno
from dataclasses import dataclass
from pathlib import Path

from reports.ledger.places.storage import StorePlace, place


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """The checkpoint of one trial in an object store; each file is an object, written whole.

    Whichever node takes the trial up again reads it from there.
    """

    folder: StorePlace

    def __str__(self) -> str:
        """Return the address."""
        return str(self.folder)

    def load(self, name: str) -> bytes | None:
        """Return what was saved last under a name, None if nothing was."""
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def save(self, name: str, content: bytes) -> None:
        """Keep ``content`` in place of what had the name before."""
        (self.folder / name).put(content)


def checkpoint_at(address: str) -> Path | StoredCheckpoint:
    """Return where ``sugrm.TrainingRun`` keeps the checkpoint at an address."""
    where = place(address)
    return StoredCheckpoint(where) if isinstance(where, StorePlace) else Path(str(where))


def checkpoint_of_run(address: str) -> Path | StoredCheckpoint:
    """Return where a worker keeps the checkpoint of a trial of a run that is at work.

    Raises:
        FileNotFoundError: the run's folder has gone; the worker does not make it anew.
    """
    found = checkpoint_at(address)
    if isinstance(found, Path) and not found.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "the folder of the run is gone", str(found.parent))
    return found
