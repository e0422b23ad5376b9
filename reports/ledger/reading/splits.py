"""``splits.json`` of a published copy: the number of utterances of each split of each corpus.

A report asks whether the data have the splits of the paper. A run counts its table ``utterances``
for that, which a published copy does not have.
"""

import json
from collections.abc import Mapping

from reports.ledger.json_file import read_json
from reports.ledger.places.storage import Place, write_whole
from reports.ledger.shape import COUNT, Each, Shape, mismatch

FILE = "splits.json"
Sizes = Mapping[tuple[str, str], Mapping[str, int]]
"""Alignment and data fingerprint of a corpus -> split -> number of utterances."""

_SHAPE: Shape = [{"alignment": str, "data_fingerprint": str, "splits": Each(COUNT)}]


def write_splits(folder: Place, sizes: Sizes) -> None:
    """Write the sizes of the splits into the folder of a copy, sorted by corpus."""
    content = [
        {"alignment": alignment, "data_fingerprint": fingerprint, "splits": dict(splits)}
        for (alignment, fingerprint), splits in sorted(sizes.items())
    ]
    write_whole(folder / FILE, (json.dumps(content, indent=2) + "\n").encode())


def read_splits(folder: Place) -> Sizes:
    """Return the sizes that a copy recorded; none for a run, which has no such file.

    Raises:
        ValueError: the file cannot be used; the message is the reason, in one line.
        StorageError: an object store does not answer.
    """
    try:
        content = read_json(folder / FILE)
    except FileNotFoundError:
        return {}
    problem = mismatch(content, _SHAPE)
    if problem:
        raise ValueError(problem)
    return {
        (str(each.get("alignment")), str(each.get("data_fingerprint"))): each.get("splits") or {}
        for each in content or ()
        if each
    }
