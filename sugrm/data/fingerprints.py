"""Fingerprints of feature files, and which reading of a file has which fingerprint.

A fingerprint names the content that was converted. Version 1 of the reader knew MMSA's layout
alone; a file in which it found the same content keeps the fingerprint of version 1, which is part
of the keys of trials that have run on it.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from sugrm.data.cache.fingerprint import content_fingerprint, read_digest, write_digest
from sugrm.data.reading.options import Findings, Reading

READER_VERSION = 2
"""Raised by hand when the same file converts to other content; part of the fingerprint."""


def features_fingerprint(reading: Reading, digest: str, *, findings: Findings) -> str:
    """Return the fingerprint of what ``reading`` finds in a file of that digest.

    Args:
        reading: how the file is read.
        digest: hex digest of the file.
        findings: what was found in it.
    """
    if not findings.is_new:
        return content_fingerprint("mmsa", 1, reading.alignment, digest)
    options = {
        "alignment": reading.alignment,
        "lengths": "detected" if reading.lengths == "detected" else "stated",
        "text": findings.text,
        "unimodal_labels": dict(reading.dataset.unimodal_labels),
    }
    text = json.dumps(options, sort_keys=True)
    return content_fingerprint("features", READER_VERSION, text, digest)


def _described(reading: Reading) -> str:
    """Return everything that decides whether and how a file is read."""
    dataset = reading.dataset
    options = {
        "alignment": reading.alignment,
        "lengths": reading.lengths,
        "text": reading.text,
        "label_bound": dataset.label_bound,
        "language": dataset.language,
        "unimodal_labels": dict(dataset.unimodal_labels),
    }
    return json.dumps(options, sort_keys=True)


@dataclass(frozen=True, slots=True)
class KnownReading:
    """A reading of a file, and the fingerprint of what it found when it was read before.

    Attributes:
        file: the small file that holds the fingerprint; it may not exist yet.
        fingerprint: the fingerprint; None where the file has not been read in this way.
    """

    file: Path
    fingerprint: str | None

    def save(self, fingerprint: str) -> None:
        """Write the fingerprint, so that the next run need not read the file again.

        Raises:
            OSError: it cannot be written.
        """
        write_digest(self.file, fingerprint)


def known_reading(folder: Path, reading: Reading, *, digest: str) -> KnownReading:
    """Return what is known in ``folder`` of a reading of the file of that digest."""
    file = folder / content_fingerprint("reading", READER_VERSION, _described(reading), digest)
    return KnownReading(file, read_digest(file))
