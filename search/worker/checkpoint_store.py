"""Where a worker keeps the checkpoint of its trial: a folder, or a prefix of an object store."""

import errno
from dataclasses import dataclass
from pathlib import Path

from reports.ledger.places.storage import StorePlace, place


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """The checkpoint of one trial in an object store; each file is an object, written whole.

    A node that continues the trial reads it from there.

    Attributes:
        folder: the prefix of the objects.
    """

    folder: StorePlace

    def __str__(self) -> str:
        """Return the address."""
        return str(self.folder)

    def load(self, name: str) -> bytes | None:
        """Return the content that was saved last under a name, None if there is none."""
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def save(self, name: str, content: bytes) -> None:
        """Save content under a name; it replaces the previous content of that name."""
        (self.folder / name).put(content)


def checkpoint_at(address: str) -> Path | StoredCheckpoint:
    """Return the checkpoint at an address, as ``sugrm.load_trained`` and ``TrainingRun`` take it.

    Args:
        address: a folder, or a prefix of an object store, such as ``s3://...``.
    """
    where = place(address)
    return StoredCheckpoint(where) if isinstance(where, StorePlace) else Path(str(where))


def checkpoint_of_run(address: str) -> Path | StoredCheckpoint:
    """Return where ``sugrm.TrainingRun`` keeps the checkpoint of a trial of a running run.

    Raises:
        FileNotFoundError: the folder of the run was removed; the worker does not create it again.
    """
    found = checkpoint_at(address)
    if isinstance(found, Path) and not found.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "the folder of the run is gone", str(found.parent))
    return found
