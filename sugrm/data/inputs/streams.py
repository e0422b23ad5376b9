"""The streams of an input against those that a model was trained on."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from sugrm.data.cache.content import SplitContent
from sugrm.data.cache.ragged import Ragged
from sugrm.data.inputs.expected import ExpectedInputs
from sugrm.data.reading.problems import Problems
from sugrm.data.reading.raw import RawSplit
from sugrm.types import Modality, Split

Splits = dict[Split, RawSplit]

_FRAMES = (Modality.AUDIO, Modality.VISION)
_ADVICE = "extract the features as for training, with the same extractor and the same settings"


def fit_streams(
    raw: Splits, expected: ExpectedInputs, *, problems: Problems
) -> tuple[Splits, list[str]]:
    """Return the splits with the streams that the model can read, and remarks.

    A width that differs is noted, and so is an input without any stream that the model reads. A
    stream that it does not read is left out where it would not fit, and one that no utterance of
    its training had is left out always: the weights for it are random. Audio and vision of zeros
    alone are absent, whatever their width.
    """
    given = next(iter(raw.values())).streams
    widths = {
        modality: found.width
        for modality, found in given.items()
        if modality not in _FRAMES
        or not all(each.streams[modality].is_empty for each in raw.values())
    }
    fitting = {m for m, width in widths.items() if expected.widths.get(m) == width}
    trained = [each for each in expected.streams if each not in expected.untrained]
    read = [modality for modality in _FRAMES if modality in trained]
    read += [Modality.TEXT] if expected.reads_text and expected.reads_features else []
    for modality in (each for each in read if each in widths and each not in fitting):
        problems.add(
            None,
            modality,
            got=f"features {widths[modality]} wide",
            expected=f"{expected.widths[modality]}, the width that the model was trained on",
            advice=_ADVICE,
        )
    if not expected.reads_text and not set(read) & {*widths}:
        _note_nothing(widths, expected, zeros=given.keys() - widths, problems=problems)
    lacking = [modality for modality in read if modality not in widths]
    remarks = [
        f"{modality}: {'every frame is zero' if modality in given else 'the input has none'}, so "
        "the stream is absent in every utterance"
        for modality in lacking
    ]
    remarks += [
        f"{modality}: left out, since no utterance of the model's training had any"
        for modality in expected.untrained
        if modality in widths
    ]
    fitting -= {*expected.untrained}
    if not expected.reads_text:
        fitting -= {Modality.TEXT}
    return {split: _only(found, fitting) for split, found in raw.items()}, remarks


def with_widths(content: SplitContent, expected: ExpectedInputs) -> SplitContent:
    """Return the content whose absent streams have the widths of training."""
    none = np.zeros(len(content.ids), np.int64)
    absent = {
        modality: Ragged.empty(none, expected.widths[modality])
        for modality in _FRAMES
        if modality in expected.widths
        and content.streams[modality].width != expected.widths[modality]
    }
    return replace(content, streams={**content.streams, **absent})


def with_words(content: SplitContent, split: Split, *, problems: Problems) -> SplitContent:
    """Return the content with the words of its texts, each of which has one frame.

    A transcript is taken apart at its spaces. Other numbers of frames are noted.
    """
    words = content.words
    if words is None:
        words = [text.split() for text in content.raw_text]
    counts = np.array([len(each) for each in words], np.int64)
    for modality in _FRAMES:
        lengths = content.streams[modality].lengths
        bad = np.flatnonzero((lengths != 0) & (lengths != counts))
        if bad.size:
            row = int(bad[0])
            problems.add(
                split,
                modality,
                got=f"{lengths[row]} frames for {counts[row]} words in {content.ids[row]} "
                f"({bad.size} such utterances)",
                expected="one frame a word, as in the training of the model",
                advice="align the frames with the words, and write the words with one space "
                "between them",
            )
    return replace(content, words=words)


def _only(raw: RawSplit, kept: set[Modality]) -> RawSplit:
    return replace(raw, streams={m: each for m, each in raw.streams.items() if m in kept})


def _note_nothing(
    widths: Mapping[Modality, int],
    expected: ExpectedInputs,
    *,
    zeros: Collection[Modality],
    problems: Problems,
) -> None:
    got = f"{', '.join(widths)} alone" if widths else "no audio and no vision"
    advice = f"name a file that holds it ({expected.streams[0]}=PATH), or add it to each record"
    if zeros:
        got = f"zeros alone in {' and '.join(sorted(zeros))}"
        advice = _ADVICE
    problems.add(
        None,
        "",
        got=got,
        expected=f"{' or '.join(expected.streams)}, which the model reads",
        advice=advice,
    )
