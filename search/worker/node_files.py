"""Files of the driver's node on the node of a worker, received in pieces."""

from pathlib import Path

from search.worker.home import Home
from sugrm.data.cache.folders import folder_lock, write_whole, writing
from sugrm.errors import DataError

_PIECE = 64 * 2**20  # bytes: the most that is in memory of a folder at a time


def files_of(home: Home, folder: Path) -> dict[str, int] | None:
    """Return path -> size in bytes of the files of a folder on a node, None without the folder.

    Args:
        home: the node.
        folder: the folder there.
    """
    return home.ask(_files, str(folder))


def receive(home: Home, source: Path, *, files: dict[str, int], target: Path) -> None:
    """Write the files of a folder on another node into a new folder.

    Args:
        home: that node.
        source: the folder there.
        files: what ``files_of`` returned for it.
        target: the folder to make.
    """
    target.mkdir(parents=True)
    for name, size in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        with (target / name).open("wb") as file:
            for offset in range(0, size, _PIECE):
                file.write(home.ask(_piece, str(source / name), offset, _PIECE))


def receive_folder(home: Home, source: Path, *, target: Path) -> bool:
    """Copy a folder of another node to ``target`` if there is none; return whether it is there.

    Raises:
        DataError: ``target`` cannot be written.
    """
    with folder_lock(target, f"receives {target}"), writing(target):
        files = None if target.exists() else files_of(home, source)
        if files is not None:
            write_whole(target, lambda folder: receive(home, source, files=files, target=folder))
    return target.exists()


def folder_here(source: Path, *, copy: Path, home: Home | None, content: str) -> Path:
    """Return where this node has a folder of the driver's node, which is received if need be.

    Args:
        source: the folder on the driver's node; it serves itself where this node sees it.
        copy: where this node has its own copy, which is received where there is none.
        home: the driver's node, None without a way there.
        content: what the folder is a copy of, for the message.

    Raises:
        DataError: this node cannot receive the folder, or ``copy`` cannot be written.
    """
    if _is_here(source):
        return source
    sent = copy.exists() or (home is not None and receive_folder(home, source, target=copy))
    if not sent:
        raise DataError(
            f"this node has no copy of {content}: expected the folder {source}; start the run on a "
            "node of the cluster"
        )
    return copy


def _is_here(folder: Path) -> bool:
    return folder.is_dir()


def _files(folder: str) -> dict[str, int] | None:
    here = Path(folder)
    if not here.is_dir():
        return None
    found = sorted(path for path in here.rglob("*") if path.is_file())
    return {path.relative_to(here).as_posix(): path.stat().st_size for path in found}


def _piece(path: str, offset: int, size: int) -> bytes:
    with Path(path).open("rb") as file:
        file.seek(offset)
        return file.read(size)
