"""Reading MMSA-style feature pickles.

The layout: ``{train, valid, test}``, each a dict with ``raw_text``, ``audio`` and ``vision``
[N, T, D] zero padded at the back, ``id``, ``regression_labels`` and, in unaligned files,
``audio_lengths`` and ``vision_lengths``. Text comes as ``text_bert`` [N, 3, T] (ids, mask and
segment ids of bert-base-uncased); without it as features ``text`` [N, T, D]; without both it is
tokenised from ``raw_text``. Where ``text_bert`` is present, ``text`` is not read: in the files
people have it holds the same sentences' frozen BERT states.

True lengths: text has its mask's, or ends with its last frame that is not all zero. In an
aligned file audio and vision have the text's length (or, without text arrays, end with the last
frame that is not all zero in either); in an unaligned one their given lengths. A stream of
an utterance whose frames are all zero is absent: its length is 0.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sugrm.data.cache.content import Alignment, CorpusContent, SplitContent
from sugrm.data.cache.ragged import Ragged
from sugrm.data.formats.mmsa_checks import Array, RawSplit, SplitChecker
from sugrm.data.formats.pickles import load_plain_pickle
from sugrm.data.formats.problems import Problems, shown_keys
from sugrm.types import Modality, Split

READER_VERSION = 1
"""Raised by hand when the same file converts to other content; part of the fingerprint."""

TEXT_STEPS = 50
"""Text positions that the distributions pad to; used where a file has no text array."""

Lengths = npt.NDArray[np.int64]


def read_mmsa(path: Path, alignment: Alignment, *, name: str, fingerprint: str) -> CorpusContent:
    """Return the content of the feature pickle at ``path``.

    Raises:
        DataError: the file cannot be read, is not in MMSA's layout, or holds values that
            cannot be right; all problems of the file are named.
    """
    problems = Problems(path)
    raw = _checked(load_plain_pickle(path), alignment, problems=problems)
    _check_widths(raw, problems)
    problems.raise_if_any()
    repaired: dict[Split, dict[Modality, int]] = {split: {} for split in raw}
    return CorpusContent(
        name=name,
        alignment=alignment,
        fingerprint=fingerprint,
        padded_lengths=_padded_lengths(list(raw.values())),
        splits={
            split: _content(arrays, alignment, repaired=repaired[split])
            for split, arrays in raw.items()
        },
        repaired=repaired,
    )


def _checked(tree: object, alignment: Alignment, *, problems: Problems) -> dict[Split, RawSplit]:
    names = ", ".join(Split)
    layout = "MMSA's layout: a dict of splits, each a dict of arrays"
    advice = f"write the file in {layout}; see docs/data.md"
    if not isinstance(tree, Mapping):
        problems.add(
            None, "", got=type(tree).__name__, expected=f"a dict of {names}", advice=advice
        )
        return {}
    checked: dict[Split, RawSplit] = {}
    for split in Split:
        entries = tree.get(str(split))
        if isinstance(entries, Mapping):
            arrays = SplitChecker(split=split, entries=entries, problems=problems).check(alignment)
            if arrays is not None:
                checked[split] = arrays
        elif str(split) in tree:
            problems.add(
                split, "", got=type(entries).__name__, expected="a dict of arrays", advice=advice
            )
        else:
            got = f"only {shown_keys(tree) or 'an empty dict'}"
            problems.add(split, "", got=got, expected=f"the splits {names}", advice=advice)
    return checked


def _check_widths(raw: Mapping[Split, RawSplit], problems: Problems) -> None:
    for key in ("audio", "vision", "text"):
        widths = {
            split: getattr(arrays, key).shape[2]
            for split, arrays in raw.items()
            if getattr(arrays, key) is not None
        }
        given = len(widths) in (0, len(raw))
        if len(set(widths.values())) > 1 or not given:
            got = ", ".join(f"{split} {width}" for split, width in widths.items())
            advice = "extract every split with the same features"
            problems.add(
                None, key, got=f"widths {got}", expected="one width in all splits", advice=advice
            )
    if len({arrays.text_bert is None for arrays in raw.values()}) > 1:
        got = ", ".join(split for split, arrays in raw.items() if arrays.text_bert is not None)
        problems.add(
            None,
            "text_bert",
            got=f"only {got}",
            expected="all splits or none",
            advice="add or remove it",
        )


def _padded_lengths(raw: list[RawSplit]) -> dict[Modality, int]:
    def text_steps(arrays: RawSplit) -> int:
        if arrays.text_bert is not None:
            return int(arrays.text_bert.shape[2])
        return TEXT_STEPS if arrays.text is None else int(arrays.text.shape[1])

    return {
        Modality.TEXT: max(text_steps(arrays) for arrays in raw),
        Modality.AUDIO: max(arrays.audio.shape[1] for arrays in raw),
        Modality.VISION: max(arrays.vision.shape[1] for arrays in raw),
    }


def _content(raw: RawSplit, alignment: Alignment, *, repaired: dict[Modality, int]) -> SplitContent:
    text_lengths = _text_lengths(raw)
    if alignment == "unaligned":
        audio_lengths, vision_lengths = raw.lengths["audio"], raw.lengths["vision"]
    else:
        if text_lengths is None:
            text_lengths = np.maximum(_last_real(raw.audio), _last_real(raw.vision))
        audio_lengths = vision_lengths = text_lengths
    streams: dict[Modality, Ragged] = {}
    for modality, array, lengths in (
        (Modality.AUDIO, raw.audio, audio_lengths),
        (Modality.VISION, raw.vision, vision_lengths),
        (Modality.TEXT, raw.text, text_lengths),
    ):
        if array is not None and lengths is not None:
            streams[modality], repaired[modality] = _pack(array, lengths)
    ids = {} if raw.text_bert is None else _token_columns(raw.text_bert)
    return SplitContent(
        ids=raw.ids, raw_text=raw.raw_text, labels=raw.labels, streams=streams, **ids
    )


def _text_lengths(raw: RawSplit) -> Lengths | None:
    if raw.text_bert is not None:
        lengths: Lengths = raw.text_bert[:, 1].sum(axis=1).astype(np.int64)
        return lengths
    return None if raw.text is None else _last_real(raw.text)


def _last_real(array: Array) -> Lengths:
    """Return [N] one more than the last step with a finite number other than 0, else 0."""
    real = ((array != 0) & np.isfinite(array)).any(axis=2)
    last = real.shape[1] - np.argmax(real[:, ::-1], axis=1)
    return np.where(real.any(axis=1), last, 0).astype(np.int64)


def _pack(array: Array, lengths: Lengths) -> tuple[Ragged, int]:
    """Return the true frames as float32 with NaN and infinities set to 0, and their number."""
    repaired = 0
    sequences: list[npt.NDArray[np.float32]] = []
    for padded, length in zip(array, lengths, strict=True):
        with np.errstate(over="ignore"):  # a float64 too large becomes infinite: repaired below
            frames = padded[:length].astype(np.float32)
        broken = ~np.isfinite(frames)
        if broken.any():
            repaired += int(broken.sum())
            frames[broken] = 0
        sequences.append(frames if frames.any() else frames[:0])
    return Ragged.pack(sequences, array.shape[2]), repaired


def _token_columns(text_bert: Array) -> dict[str, Any]:
    ids, mask, segments = (text_bert[:, part].astype(np.int64) for part in range(3))
    lengths = mask.sum(axis=1)

    def column(padded: npt.NDArray[np.int64]) -> Ragged:
        cut = [row[:length] for row, length in zip(padded, lengths, strict=True)]
        return Ragged.pack(cut, 1, dtype=np.int64)

    return {"token_ids": column(ids), "segment_ids": column(segments)}
