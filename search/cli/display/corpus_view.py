"""The lines by which ``data inspect`` and ``data import`` show a corpus."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from search.cli.display.wording import counted
from sugrm.data import (
    describe,
    id_warnings,
    reading_remarks,
    shared_utterances,
    small_splits,
)
from sugrm.types import Modality, Split

if TYPE_CHECKING:
    from sugrm.data import Corpus, SplitSummary, StreamSummary

_COLUMNS = "{:<8} {:<8} {:>6} {:>18} {:>8} {:>7} {:>9}"
_WIDTH = 70  # characters of a row


def corpus_lines(corpus: "Corpus", width: int = 100) -> Iterator[str]:
    """Yield the lines that describe ``corpus``: a block for each split, a row for each stream.

    A terminal of too few ``width`` characters for the columns gets a few short lines a stream.
    """
    yield f"{corpus.name}, {corpus.alignment}, fingerprint {corpus.fingerprint}"
    if corpus.notes.layout:
        yield f"layout: {corpus.notes.layout}"
    absent = corpus.notes.absent if corpus.notes.for_training else ()  # a remark names them
    for split in describe(corpus):
        yield ""
        streams = tuple(stream for stream in split.streams if stream.modality not in absent)
        yield from _split_lines(
            replace(split, streams=streams),
            bound=corpus.dataset.label_bound,
            is_narrow=width < _WIDTH,
        )
    own = [m for m in Modality if m in corpus.splits[Split.TRAIN].content.true_sentiments]
    if own:
        yield ""
        yield f"human labels of each modality: {', '.join(own)}"
    remarks = reading_remarks(corpus, names_data=False)
    if remarks:
        yield ""
        yield from remarks
    warnings = [
        line
        for lines in (id_warnings, shared_utterances, small_splits)
        for line in lines(corpus, names_data=False)
    ]
    if warnings:
        yield ""
        yield from (f"warning: {line}" for line in warnings)


def _split_lines(split: "SplitSummary", *, bound: float, is_narrow: bool) -> Iterator[str]:
    labels = f"labels {split.label_lowest:g} to {split.label_highest:g}"
    utterances = counted(split.utterances, "utterance")
    yield f"{split.split}: {utterances}, {labels}, mean {split.label_mean:.3f}"
    half = len(split.label_counts) // 2
    values = [bound * (place - half) / half for place in range(len(split.label_counts))]
    counts = zip(values, split.label_counts, strict=True)
    yield "labels near " + ", ".join(f"{value:.2g}: {count}" for value, count in counts)
    if is_narrow:
        for stream in split.streams:
            yield from _short_lines(stream)
        return
    yield _COLUMNS.format(
        *("stream", "unit", "width", "lengths (median)", "padding", "absent", "repaired")
    )
    for stream in split.streams:
        yield _COLUMNS.format(
            stream.modality,
            stream.unit,
            "-" if stream.width is None else stream.width,
            _lengths(stream),
            stream.padding or "-",
            stream.absent,
            stream.repaired,
        )


def _short_lines(stream: "StreamSummary") -> Iterator[str]:
    width = "" if stream.width is None else f", width {stream.width}"
    yield f"  {stream.modality}: {stream.unit}{width}"
    yield f"    lengths (median): {_lengths(stream)}"
    if stream.padding:
        yield f"    padding: {stream.padding}"
    yield f"    absent {stream.absent}, repaired {stream.repaired}"


def _lengths(stream: "StreamSummary") -> str:
    return f"{stream.shortest}-{stream.longest} ({stream.median:g})"
