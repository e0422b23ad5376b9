"""Where a worker keeps the checkpoint of its trial: a folder, or an object of a store."""

from dataclasses import dataclass
from pathlib import Path

from reports.storage import StorePlace, place

FILE_NAME = "last.pt"


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """The checkpoint of one trial in an object store: one object, written whole at each epoch.

    Whichever node takes the trial up again reads it from there.
    """

    folder: StorePlace

    def __str__(self) -> str:
        """Return the address."""
        return str(self.folder)

    def load(self) -> bytes | None:
        """Return what was saved last, None if nothing was."""
        try:
            return (self.folder / FILE_NAME).read_bytes()
        except FileNotFoundError:
            return None

    def save(self, content: bytes) -> None:
        """Keep ``content`` in place of what was saved before."""
        (self.folder / FILE_NAME).put(content)


def checkpoint_at(address: str) -> Path | StoredCheckpoint:
    """Return where ``sugrm.TrainingRun`` keeps the checkpoint at an address."""
    where = place(address)
    return StoredCheckpoint(where) if isinstance(where, StorePlace) else Path(str(where))
