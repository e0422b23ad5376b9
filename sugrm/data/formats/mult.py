"""MulT's layout: ``*_data.pkl`` (aligned) and ``*_data_noalign.pkl``, which MultiBench has too.

``{train, valid, test}``, each a dict with ``vision``, ``audio`` and ``text`` [N, T, D] (the text as
word vectors), ``labels`` [N, 1, 1], [N, 1] or [N], and ``id`` [N, 3] (name, start, end) or [N].
Zeros stand in front; there are no words and no lengths, so the lengths are found from the zeros.
Labels of seven columns are MOSEI's (see ``label_columns``). IEMOCAP's files of this layout hold
classes [N, 4, 2], which are not read.

Source: yaohungt/Multimodal-Transformer, src/dataset.py, which also takes files without ``id``.
"""

from collections.abc import Mapping
from dataclasses import replace

from sugrm.data.reading import values
from sugrm.data.reading.checks import check_aligned_steps
from sugrm.data.reading.entries import Entries
from sugrm.data.reading.label_columns import FIRST_OF_SEVEN, has_emotions, known_labels, sentiments
from sugrm.data.reading.options import Reading
from sugrm.data.reading.problems import Problems, shown_keys
from sugrm.data.reading.raw import Array, RawSplit, RawStream
from sugrm.data.reading.split_names import entry_of
from sugrm.types import Modality, Split

NAME = "MulT"

_LABELS = "labels"
_OF_OTHERS = ("regression_labels", "raw_text", "text_bert", "audio_lengths", "vision_lengths")
_ADVICE = "labels of classes, as IEMOCAP's emotions, are not read; docs/data.md says what is"


def matches(tree: object) -> bool:
    """Whether a split is a dict of ``labels`` and a stream, with no key of MMSA's layout."""
    if not isinstance(tree, Mapping):
        return False
    return any(_is_split(entry_of(tree, split)) for split in Split)


def matches_without_labels(tree: object) -> bool:
    """Whether a split holds streams, with or without ``labels``, and no key of MMSA's layout."""
    if not isinstance(tree, Mapping):
        return False
    splits = [entry_of(tree, split) for split in Split]
    return any(isinstance(each, Mapping) and _holds_streams(each) for each in splits)


def _is_split(given: object) -> bool:
    return isinstance(given, Mapping) and _LABELS in given and _holds_streams(given)


def _holds_streams(given: Mapping[object, object]) -> bool:
    return any(m in given for m in Modality) and not any(key in given for key in _OF_OTHERS)


def read(
    tree: Mapping[object, object], reading: Reading, *, problems: Problems
) -> dict[Split, RawSplit]:
    """Return the splits of the tree that have no problem; what is wrong is noted."""
    found: dict[Split, RawSplit] = {}
    for split in Split:
        given = entry_of(tree, split)
        if given is None and not reading.for_training:
            continue
        if not isinstance(given, Mapping):
            got = type(given).__name__ if given is not None else f"only {shown_keys(tree)}"
            expected = "a dict of vision, audio, text, labels and id"
            problems.add(split, "", got=got, expected=expected, advice="write all three splits")
            continue
        bound = reading.dataset.label_bound
        entries = Entries(split=split, given=given, bound=bound, problems=problems)
        before = len(problems.found)
        raw = _read_split(entries, reading)
        if raw is not None and len(problems.found) == before:
            found[split] = raw
    return found


def _read_split(entries: Entries, reading: Reading) -> RawSplit | None:
    given = {modality: entries.stream(modality) for modality in Modality}
    streams: dict[Modality, RawStream] = {m: each for m, each in given.items() if each is not None}
    labels = _labels(entries) if reading.for_training else None
    counted = entries.first_of(("id", _LABELS) if reading.for_training else ("id", *Modality))
    entries.check_counts((_LABELS, "id", *Modality), of=counted)
    if reading.alignment == "aligned":
        steps = {str(m): stream.steps for m, stream in streams.items() if stream.is_padded}
        check_aligned_steps(entries, steps)
    if labels is None and reading.for_training:
        return None
    ids, named = _ids(entries, values.count(entries.given.get(counted)))
    if labels is None:
        scores, remarks = known_labels(entries.given, _LABELS, count=len(ids), bound=entries.bound)
    else:
        given_scores = replace(entries, given={_LABELS: sentiments(labels)})
        found = given_scores.labels(_LABELS, ids)
        if found is None:
            return None
        scores, remarks = found, (FIRST_OF_SEVEN,) if has_emotions(labels) else ()
    return RawSplit(
        ids=ids, raw_text=None, labels=scores, streams=streams, remarks=(*named, *remarks)
    )


def _ids(entries: Entries, count: int) -> tuple[list[str], tuple[str, ...]]:
    """Return the names of the utterances, and a remark where the file has none."""
    if "id" in entries:
        return entries.names("id"), ()
    remark = "the file has no ids: utterances are named by split and row"
    return [f"{entries.split}_{row}" for row in range(count)], (remark,)


def _labels(entries: Entries) -> Array | None:
    """Return labels [N, ...] that hold one sentiment an utterance; others are noted."""
    if _LABELS not in entries:
        advice = "store the sentiment of each utterance"
        entries.note(_LABELS, "no such key", expected="the key", advice=advice)
        return None
    labels = values.any_numbers(entries.given[_LABELS])
    if labels is None or not labels.ndim or (len(labels) and sentiments(labels) is None):
        got = values.shape_of(entries.given[_LABELS])
        if labels is not None and labels.ndim:
            got = f"{labels.dtype} of shape [{', '.join(('N', *map(str, labels.shape[1:])))}]"
        expected = "one sentiment an utterance: [N], [N, 1] or [N, 1, 1]"
        entries.note(_LABELS, got, expected=expected, advice=_ADVICE)
        return None
    return labels if len(labels) else None
