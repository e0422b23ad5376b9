"""Hidden states of a frozen text encoder: computed once per machine, cached beside the corpora.

A folder holds ``states.json`` and one Arrow IPC file per split, memory-mapped like a corpus, so all
trials of a machine share the same pages. Its name is the states' key. Corpora that give the same
tokens to the same encoder, such as the aligned and the unaligned file of a corpus, share it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sugrm.data.cache.columns import (
    DAMAGE,
    check_columns,
    checksum,
    map_columns,
    numbers,
    ragged,
    ragged_column,
    write_columns,
)
from sugrm.data.cache.folders import folder_lock, write_whole, writing
from sugrm.data.cache.ragged import Ragged
from sugrm.errors import DataError, first_line
from sugrm.types import Split


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SplitStates:
    """The states of one split.

    Attributes:
        features: [T, D] float32 hidden states for each utterance; where padding counts, T is the
            padded length.
        lengths: [N] int64 number of real tokens of each utterance.
        seconds: time in seconds that the encoder took for the split.
    """

    features: Ragged
    lengths: npt.NDArray[np.int64]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextStates:
    """The states of a corpus.

    Attributes:
        key: hash of the encoder, the tokens and the padding.
        encoder: name of the encoder at the time the states were computed.
        parameters: number of weights of the encoder.
        width: D, the width of a hidden state.
        splits: the states of each split.
    """

    key: str
    encoder: str
    parameters: int
    width: int
    splits: Mapping[Split, SplitStates]


def open_states(folder: Path, compute: Callable[[], TextStates]) -> TextStates:
    """Return the memory-mapped states in ``folder``, computed first where it does not exist.

    Of several processes one computes; the others wait for it.

    Raises:
        DataError: the cache cannot be written, or is damaged.
    """
    if not folder.exists():
        with folder_lock(folder, f"computes the hidden states in {folder}"):
            if not folder.exists():
                states = compute()
                with writing(folder):
                    write_whole(folder, lambda unfinished: _write(unfinished, states))
    return _read(folder)


def _write(folder: Path, states: TextStates) -> None:
    folder.mkdir(parents=True)
    checksums = {}
    for split, part in states.splits.items():
        columns = {"states": ragged_column(part.features), "length": pa.array(part.lengths)}
        write_columns(folder / f"{split}.arrow", columns)
        checksums[split] = checksum(folder / f"{split}.arrow")
    description = {
        "key": states.key,
        "encoder": states.encoder,
        "parameters": states.parameters,
        "width": states.width,
        "seconds": {split: part.seconds for split, part in states.splits.items()},
        "crc32": checksums,
    }
    (folder / "states.json").write_text(json.dumps(description, indent=2), encoding="utf-8")


def _read(folder: Path) -> TextStates:
    try:
        description = json.loads((folder / "states.json").read_text(encoding="utf-8"))
        splits = {split: _read_split(folder, split, description=description) for split in Split}
        return TextStates(
            splits=splits,
            **{name: description[name] for name in ("key", "encoder", "parameters", "width")},
        )
    except (*DAMAGE, pa.ArrowException) as error:
        raise DataError(
            f"{folder}: not a whole cache of hidden states ({type(error).__name__}: "
            f"{first_line(error)}); delete the folder, and the next run computes them again"
        ) from error


def _read_split(folder: Path, split: Split, *, description: Mapping[str, Any]) -> SplitStates:
    path = folder / f"{split}.arrow"
    check_columns(path, description.get("crc32", {}).get(split))
    columns = map_columns(path)
    features = ragged(columns["states"], description["width"])
    return SplitStates(
        features=features, lengths=numbers(columns["length"]), seconds=description["seconds"][split]
    )
