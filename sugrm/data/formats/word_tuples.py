"""Tuples of words and frames, the layout of MAG-BERT, MISA and MMIM.

``{train, dev, test}`` (MAG-BERT), or a folder of ``train.pkl``, ``dev.pkl`` and ``test.pkl`` (MISA,
MMIM), each a list of ``((words, visual, acoustic, ...), label, segment)``: visual
and acoustic [T, D], label [[x]] or MOSEI's seven columns (see ``label_columns``), segment the name
of the utterance. In MAG-BERT's files ``words`` holds the words. In those of MISA and MMIM it holds
indices of a vocabulary that the file lacks (or nothing), and the words come after the frames. The
indices are not read. MMIM's unaligned files add the lengths of visual and acoustic.

Where all utterances have one frame for each word, the file is word-aligned. Words called ``sp``,
the pauses of the aligner, are kept with their frames, as MAG-BERT's code keeps them; MISA's drops
them before it writes its files.

Source: WasifurRahman/BERT_multimodal_transformer, multimodal_driver.py (``convert_to_features``);
declare-lab/MISA and declare-lab/Multimodal-Infomax, src/create_dataset.py and src/data_loader.py.
"""

from collections.abc import Mapping
from dataclasses import replace

from sugrm.data.formats.tuple_rows import TupleRows
from sugrm.data.reading.entries import Entries
from sugrm.data.reading.label_columns import FIRST_OF_SEVEN, has_emotions, known_labels, sentiments
from sugrm.data.reading.options import Reading
from sugrm.data.reading.problems import Problems, shown_keys
from sugrm.data.reading.raw import Array, RawSplit, RawStream
from sugrm.data.reading.split_names import entry_of
from sugrm.types import Modality, Split

NAME = "word tuples (MAG-BERT, MISA, MMIM)"

_PAUSE = "sp"
_STREAMS = {Modality.VISION: "visual", Modality.AUDIO: "acoustic"}
_INDICES = "words are also given as indices of an unknown vocabulary, which are not read"


def matches(tree: object) -> bool:
    """Whether a split, or the tree itself, is a list of tuples that begin with a tuple."""
    if isinstance(tree, Mapping):
        return any(_holds_tuples(entry_of(tree, split)) for split in Split)
    return _holds_tuples(tree)


def _holds_tuples(given: object) -> bool:
    if not isinstance(given, list | tuple) or not given:
        return False
    first = given[0]
    return isinstance(first, list | tuple) and bool(first) and isinstance(first[0], list | tuple)


def read(tree: object, reading: Reading, *, problems: Problems) -> dict[Split, RawSplit]:
    """Return the splits of the tree that have no problem; what is wrong is noted."""
    if not isinstance(tree, Mapping):
        _note_single_split(tree, problems=problems)
        return {}
    found: dict[Split, RawSplit] = {}
    for split in Split:
        given = entry_of(tree, split)
        if given is None and not reading.for_training:
            continue
        if not isinstance(given, list | tuple) or not given:
            got = f"only {shown_keys(tree)}" if given is None else type(given).__name__
            got = "no utterances" if isinstance(given, list | tuple) else got
            expected = "a list of utterances in each of train, dev and test"
            problems.add(split, "", got=got, expected=expected, advice="write all three splits")
            continue
        before = len(problems.found)
        raw = _read_split(TupleRows(split=split, given=given, problems=problems), reading)
        if raw is not None and len(problems.found) == before:
            found[split] = raw
    return found


def _note_single_split(tree: object, *, problems: Problems) -> None:
    count = len(tree) if isinstance(tree, list | tuple) else 0
    problems.add(
        None,
        "",
        got=f"one split, a list of {count} utterances",
        expected="a dict of three such lists, {train, dev, test}",
        advice="name the folder that holds train.pkl, dev.pkl and test.pkl",
    )


def _read_split(rows: TupleRows, reading: Reading) -> RawSplit | None:
    if not rows.check_shapes():
        return None
    words = rows.words()
    given = {m: rows.stream(m, key, lengths=reading.lengths) for m, key in _STREAMS.items()}
    ids, scores, remarks = _named_scores(rows, reading)
    if words is None:
        return None
    streams: dict[Modality, RawStream] = {m: each for m, each in given.items() if each is not None}
    is_word_aligned = rows.check_frames(words, streams, is_asked=reading.alignment == "aligned")
    if scores is None:
        return None
    return RawSplit(
        ids=ids,
        raw_text=[" ".join(each) for each in words],
        labels=scores,
        streams=streams,
        words=words if is_word_aligned else None,
        remarks=(*_remarks(rows, words), *remarks),
    )


def _named_scores(
    rows: TupleRows, reading: Reading
) -> tuple[list[str], Array | None, tuple[str, ...]]:
    """Return names, [N] sentiments (None where they are wrong, which is noted) and remarks."""
    bound = reading.dataset.label_bound
    segments = rows.segments if reading.for_training else rows.segments_or_numbers
    entries = Entries(
        split=rows.split, given={"segment": segments}, bound=bound, problems=rows.problems
    )
    if not reading.for_training:
        found, remarks = known_labels(
            {"label": rows.known_labels()}, "label", count=len(rows.given), bound=bound
        )
        return entries.names("segment"), found, remarks
    labels = rows.labels()
    if labels is None:
        return [], None, ()
    ids = entries.names("segment")
    scores = replace(entries, given={"label": sentiments(labels)}).labels("label", ids)
    return ids, scores, (FIRST_OF_SEVEN,) if has_emotions(labels) else ()


def _remarks(rows: TupleRows, words: list[list[str]]) -> list[str]:
    pauses = sum(each.count(_PAUSE) for each in words)
    said = {
        _INDICES: rows.has_indices,
        f"{rows.split}: {pauses} words are {_PAUSE!r}, a pause of the aligner; they are read as "
        "words, with their frames": pauses > 0,
    }
    return [remark for remark, holds in said.items() if holds]
