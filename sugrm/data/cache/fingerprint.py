"""Fingerprints of content: the same bytes, options and code version give the same hex digest."""

import hashlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from sugrm.data.cache.store import STORE_VERSION
from sugrm.errors import DataError


def content_fingerprint(*parts: str | int) -> str:
    """Return the hex sha256 of ``parts`` and the store's version."""
    text = "\0".join(str(part) for part in (*parts, STORE_VERSION))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


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
        if self.cache_file.exists():
            return
        self.cache_file.parent.mkdir(parents=True, exist_ok=True)
        # Another process may write the same at the same time.
        unfinished = self.cache_file.with_name(f".{uuid.uuid4().hex}")
        unfinished.write_text(self.digest, encoding="ascii")
        os.replace(unfinished, self.cache_file)


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
        if cached.exists():
            return FileDigest(cached.read_text(encoding="ascii"), cached)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(
            f"{path}: cannot read the data file ({error.strerror}); expected a feature pickle: "
            "check the path (a run takes it from --data or from the space's section data)"
        ) from error
    return FileDigest(digest, cached)
