"""The columnar cache: one Arrow IPC file for each split of a corpus, beside ``corpus.json``.

Sequences are ``large_list`` columns of flat numbers, true lengths only. The files are neither
compressed nor copied on reading: numpy arrays view the memory map, so all processes of a machine
share the same pages. ``corpus.json`` holds a checksum of each file, which every process compares
once.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from sugrm.data.cache.content import CorpusContent, SplitContent
from sugrm.data.cache.ragged import Ragged
from sugrm.errors import DataError, first_line
from sugrm.types import Modality, Split

STORE_VERSION = 1
"""Raised when the layout changes; it is part of every fingerprint, so old caches are left alone."""

_TRUTH, _WORDS = "true_sentiment_", "words"


@dataclass(frozen=True, slots=True)
class StoredCorpus:
    """The content of a cache folder: the description of ``corpus.json`` and the mapped splits."""

    description: Mapping[str, Any]
    splits: Mapping[Split, SplitContent]


def write_store(folder: Path, content: CorpusContent) -> None:
    """Write ``content`` into the new folder ``folder``."""
    folder.mkdir(parents=True)
    checksums = {}
    for split, utterances in content.splits.items():
        path = folder / f"{split}.arrow"
        write_columns(path, _columns(utterances))
        checksums[split] = checksum(path)
    text = json.dumps({**_description(content), "crc32": checksums}, indent=2)
    (folder / "corpus.json").write_text(text, encoding="utf-8")


def read_store(folder: Path) -> StoredCorpus:
    """Return the memory-mapped corpus in ``folder``.

    Raises:
        DataError: there is no cache, or it is damaged.
    """
    try:
        description = json.loads((folder / "corpus.json").read_text(encoding="utf-8"))
        if description["version"] != STORE_VERSION:
            raise ValueError(f"layout {description['version']}, expected {STORE_VERSION}")
        widths = {Modality(name): width for name, width in description["widths"].items()}
        checksums = description.get("crc32", dict.fromkeys(Split))  # older caches have none
        held = [split for split in Split if split in checksums]
        if not held:
            raise ValueError("it has no split")
        for split in held:
            check_columns(folder / f"{split}.arrow", checksums[split])
        splits = {split: _read_split(folder / f"{split}.arrow", widths) for split in held}
    except (*DAMAGE, pa.ArrowException) as error:
        raise DataError(
            f"{folder}: not a whole corpus cache ({type(error).__name__}: {first_line(error)}); "
            "delete the folder, and the next run converts the data again"
        ) from error
    return StoredCorpus(description, splits)


def _description(content: CorpusContent) -> dict[str, Any]:
    notes, first = content.notes(), next(iter(content.splits.values()))
    return {
        "version": STORE_VERSION,
        "name": content.name,
        "alignment": content.alignment,
        "fingerprint": content.fingerprint,
        "widths": {modality: stream.width for modality, stream in first.streams.items()},
        "padded_lengths": dict(content.padded_lengths),
        "repaired": notes.repaired,
        "absent_utterances": notes.absent_utterances,
        "absent": notes.absent,
        "findings": dict(content.findings),
    }


def _columns(content: SplitContent) -> "dict[str, pa.Array[Any]]":
    columns: dict[str, pa.Array[Any]] = {
        "id": pa.array(content.ids, pa.large_string()),
        "raw_text": pa.array(content.raw_text, pa.large_string()),
        "label": pa.array(content.labels, pa.float32()),
    }
    sequences: dict[str, Ragged | None] = {
        **{str(modality): stream for modality, stream in content.streams.items()},
        "token_ids": content.token_ids,
        "segment_ids": content.segment_ids,
    }
    for name, sequence in sequences.items():
        if sequence is not None:
            columns[name] = ragged_column(sequence)
    for modality, truth in content.true_sentiments.items():
        columns[_TRUTH + modality] = pa.array(truth, pa.float32())
    if content.words is not None:
        columns[_WORDS] = pa.array(content.words, pa.large_list(pa.large_string()))
    return columns


def _read_split(path: Path, widths: Mapping[Modality, int]) -> SplitContent:
    columns = map_columns(path)

    def sequence(name: str, width: int) -> Ragged | None:
        return ragged(columns[name], width) if name in columns else None

    streams = {modality: sequence(modality, width) for modality, width in widths.items()}
    return SplitContent(
        ids=_texts(columns["id"]),
        raw_text=_texts(columns["raw_text"]),
        labels=numbers(columns["label"]),
        streams={modality: stream for modality, stream in streams.items() if stream is not None},
        token_ids=sequence("token_ids", 1),
        segment_ids=sequence("segment_ids", 1),
        true_sentiments={
            modality: numbers(columns[_TRUTH + modality])
            for modality in Modality
            if _TRUTH + modality in columns
        },
        words=_words(columns[_WORDS]) if _WORDS in columns else None,  # older caches lack them
    )


def _texts(column: "pa.Array[Any]") -> list[str]:
    return [str(text) for text in column.to_pylist()]


def _words(column: "pa.Array[Any]") -> list[list[str]]:
    return [list(each) for each in column.to_pylist() if each is not None]
