"""What ``data inspect`` and ``data import`` show of a corpus."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sugrm.data import describe, id_warnings

if TYPE_CHECKING:
    from sugrm.data import Corpus, SplitSummary, StreamSummary

_COLUMNS = "{:<8} {:<8} {:>6} {:>18} {:>7} {:>9}"


def corpus_lines(corpus: "Corpus") -> Iterator[str]:
    """Yield the lines that describe ``corpus``: a block for each split, a row for each stream."""
    yield f"{corpus.name}, {corpus.alignment}, fingerprint {corpus.fingerprint}"
    for split in describe(corpus):
        yield ""
        yield from _split_lines(split)
    if corpus.notes.absent:
        yield ""
        yield f"absent in every utterance: {', '.join(corpus.notes.absent)}"
    warnings = id_warnings(corpus)
    if warnings:
        yield ""
        yield from (f"warning: {line}" for line in warnings)


def _split_lines(split: "SplitSummary") -> Iterator[str]:
    labels = f"labels {split.label_lowest:g} to {split.label_highest:g}"
    yield f"{split.split}: {split.utterances} utterances, {labels}, mean {split.label_mean:.3f}"
    yield _COLUMNS.format("stream", "unit", "width", "lengths (median)", "absent", "repaired")
    for stream in split.streams:
        yield _COLUMNS.format(
            stream.modality,
            stream.unit,
            "-" if stream.width is None else stream.width,
            _lengths(stream),
            stream.absent,
            stream.repaired,
        )


def _lengths(stream: "StreamSummary") -> str:
    return f"{stream.shortest}-{stream.longest} ({stream.median:g})"
