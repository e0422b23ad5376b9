"""Naming content: the same bytes, options and code version give the same hex digest."""

import hashlib
import os
import uuid
from pathlib import Path

from sugrm.data.store import STORE_VERSION
from sugrm.errors import DataError


def content_fingerprint(*parts: str | int) -> str:
    """Return the hex sha256 of ``parts`` and the store's version."""
    text = "\0".join(str(part) for part in (*parts, STORE_VERSION))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def file_digest(path: Path, memory: Path) -> str:
    """Return the hex sha256 of a file's bytes, remembered by its path, size and time.

    Args:
        path: the file.
        memory: folder of the remembered digests, one small file each.

    Raises:
        DataError: the file cannot be read.
        OSError: the digest cannot be written.
    """
    try:
        status = path.stat()
        key = content_fingerprint(str(path.resolve()), status.st_size, status.st_mtime_ns)
        remembered = memory / key
        if remembered.exists():
            return remembered.read_text(encoding="ascii")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(
            f"{path}: cannot read the data file ({error.strerror}); expected a feature pickle: "
            "check the path (a run takes it from --data or from the space's section data)"
        ) from error
    _remember(remembered, digest)
    return digest


def _remember(file: Path, digest: str) -> None:
    """Write ``digest`` whole: another process may write the same at the same time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{uuid.uuid4().hex}")
    unfinished.write_text(digest, encoding="ascii")
    os.replace(unfinished, file)
