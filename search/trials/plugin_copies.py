"""Copies of plug-ins in the cache, from which workers import them.

The file beside the space may change while a run is running, and another node may not have it. So a
worker imports the copy that the driver made when the trial got its key.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sugrm.config.registry import PluginSource, write_source
from sugrm.data.cache.folders import folder_lock, write_whole, writing
from sugrm.data.loading import cache_folder

FOLDER = "plugins"
"""Folder of the copies, beside the converted corpora."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginCopy:
    """The copy of a plug-in.

    Attributes:
        module: its module.
        digest: the hash of its source.
        folder: the folder of the copy on the driver's node.
        needs: the modules of the plug-ins that it imports, whose files are in the copy too.
    """

    module: str
    digest: str
    folder: str
    needs: Sequence[str] = ()

    @classmethod
    def from_task(cls, values: Mapping[str, object]) -> "PluginCopy":
        """Return the copy that the values of a task describe."""
        return cls(**values)  # type: ignore[arg-type]

    def source(self, folder: Path) -> PluginSource:
        """Return the plug-in as its copy in ``folder`` holds it."""
        needs = tuple(
            PluginSource(module=each, files={}, folder=folder, copied=self.digest)
            for each in self.needs
        )
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.py")
        }
        return PluginSource(
            module=self.module, files=files, folder=folder, needs=needs, copied=self.digest
        )


def copies_folder() -> Path:
    """Return the folder of all copies on this machine."""
    return cache_folder() / FOLDER


def kept_copy(source: PluginSource) -> PluginCopy:
    """Return the copy of a plug-in, made where this machine has none.

    Raises:
        DataError: the cache cannot be written.
    """
    folder = copies_folder() / source.digest
    if not folder.exists():
        with folder_lock(folder, f"writes {folder}"), writing(folder):
            if not folder.exists():
                write_whole(folder, lambda target: write_source(source, target))
    return PluginCopy(
        module=source.module,
        digest=source.digest,
        folder=os.fspath(folder.absolute()),
        needs=[each.module for each in source.needs],
    )
