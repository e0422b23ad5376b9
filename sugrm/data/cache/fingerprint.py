"""Fingerprints of content: the same bytes, options and code version give the same hex digest."""

import contextlib
import hashlib
import os
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from sugrm.data.cache.store import STORE_VERSION
from sugrm.errors import DataError

_DIGEST = re.compile(r"[0-9a-f]{64}")


def content_fingerprint(*parts: str | int) -> str:
    """Return the hex sha256 of ``parts`` and the store's version."""
    text = "\0".join(str(part) for part in (*parts, STORE_VERSION))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read_digest(file: Path) -> str | None:
    """Return the digest in a small file; None where it holds none, as after a power cut."""
    try:
        found = file.read_text(encoding="ascii")
    except (OSError, ValueError):
        return None
    return found if _DIGEST.fullmatch(found) else None


def write_digest(file: Path, digest: str) -> None:
    """Write a digest into a small file, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    # Another process may write the same at the same time.
    unfinished = file.with_name(f".{uuid.uuid4().hex}")
    unfinished.write_text(digest, encoding="ascii")
    os.replace(unfinished, file)


@dataclass(frozen=True, slots=True)
class FileDigest:
    """The digest of a file as it was when it was read.

    Attributes:
        digest: hex sha256 of the file's bytes.
        cache_file: path of the small file that caches the digest; it may not exist yet.
    """

    digest: str
    cache_file: Path

    def save(self) -> None:
        """Cache the digest, so that the next run does not hash the file again.

        Raises:
            OSError: the digest cannot be written.
        """
        if read_digest(self.cache_file) is None:
            write_digest(self.cache_file, self.digest)


@dataclass(frozen=True, slots=True)
class FilesDigest:
    """The digest of one or several files.

    Attributes:
        digest: that of the only file, or one that follows from those of all files.
        parts: the digests of the files.
    """

    digest: str
    parts: tuple[FileDigest, ...]

    def save(self) -> None:
        """Cache the digest of each file.

        Raises:
            OSError: a digest cannot be written.
        """
        for part in self.parts:
            part.save()


def joined_digest(digests: Mapping[str, FilesDigest]) -> FilesDigest:
    """Return one digest of several files with their names, in any order."""
    text = "\0".join(f"{name}\0{digests[name].digest}" for name in sorted(digests))
    parts = tuple(part for each in digests.values() for part in each.parts)
    return FilesDigest(hashlib.sha256(text.encode("utf-8")).hexdigest(), parts)


def file_digest(path: Path, cache: Path) -> FileDigest:
    """Return the digest of a file's bytes; a cached one is not computed again.

    Args:
        path: the file; it is recognised by its path, size and modification time.
        cache: folder of the cached digests; nothing is written there.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        status = path.stat()
        key = content_fingerprint(str(path.resolve()), status.st_size, status.st_mtime_ns)
        cached = cache / key
        known = read_digest(cached)
        if known is not None:
            return FileDigest(known, cached)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(
            f"{path}: cannot read the data file ({error.strerror}); expected a feature file or a "
            "table: check the path (a run takes it from --data or from the space's section data)"
            f"{_suggestion(path)}"
        ) from error
    return FileDigest(digest, cached)


def _suggestion(path: Path) -> str:
    """Return a question for the file that a wrong path may mean, "" for none.

    That is a file with a similar name in the same folder, or with this name in the working folder.
    """
    if path.exists():
        return ""
    names: list[str] = []
    with contextlib.suppress(OSError):
        names = [each.name for each in path.parent.iterdir() if each.is_file()]
    near = [path.with_name(name) for name in get_close_matches(path.name, names, n=1, cutoff=0.8)]
    here = [file for file in (Path(path.name),) if file.is_file()]
    return f"; did you mean {(near + here)[0]}?" if near or here else ""
