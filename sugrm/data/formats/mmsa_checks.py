"""Checking one split of an MMSA-style feature file before anything is converted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sugrm.data.cache.content import Alignment
from sugrm.data.formats.constructors import beyond_unicode
from sugrm.data.formats.problems import Problems, shown, shown_keys
from sugrm.types import Split

Array = npt.NDArray[Any]

LENGTH_KEYS = ("audio_lengths", "vision_lengths")
VOCABULARY = 30522
"""Size of the bert-base-uncased vocabulary, the only one that ``text_bert`` may mean."""

_REQUIRED = ("raw_text", "audio", "vision", "id", "regression_labels")
_NUMERIC = "biuf"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RawSplit:
    """The checked arrays of one split, padded as in the file.

    ``text_bert`` is [N, 3, T] (ids, mask, segment ids); ``text`` [N, T, D] is kept only where
    there is no ``text_bert``.
    """

    ids: list[str]
    raw_text: list[str]
    labels: npt.NDArray[np.float32]
    audio: Array
    vision: Array
    text_bert: Array | None
    text: Array | None
    lengths: Mapping[str, npt.NDArray[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitChecker:
    """Checks the entries of one split; problems are noted, and the checks go on."""

    split: Split
    entries: Mapping[str, Any]
    problems: Problems

    def check(self, alignment: Alignment) -> RawSplit | None:
        """Return the split's arrays, or None where a problem was noted."""
        before = len(self.problems.found)
        needed = (*_REQUIRED, *(LENGTH_KEYS if alignment == "unaligned" else ()))
        for key in needed:
            if key not in self.entries:
                self._note(key, "no such key", expected="the key", advice=_missing_advice(key))
        audio, vision = self._array("audio", 3), self._array("vision", 3)
        text_bert, labels = self._array("text_bert", 3), self._array("regression_labels", 1)
        text = None if "text_bert" in self.entries else self._array("text", 3)
        lengths = self._lengths({"audio": audio, "vision": vision}, alignment)
        ids, raw_text = self._strings("id"), self._strings("raw_text")
        self._check_counts(needed)
        self._check_labels(labels, ids)
        self._check_text(text_bert)
        if alignment == "aligned":
            self._check_steps({"audio": audio, "vision": vision, "text": text}, text_bert)
        if len(self.problems.found) > before or audio is None or vision is None or labels is None:
            return None
        labels = labels.astype(np.float32)
        return RawSplit(
            ids=ids,
            raw_text=raw_text,
            labels=labels,
            audio=audio,
            vision=vision,
            text_bert=text_bert,
            text=text,
            lengths=lengths,
        )

    def _note(self, key: str, got: str, *, expected: str, advice: str) -> None:
        self.problems.add(self.split, key, got=got, expected=expected, advice=advice)

    def _array(self, key: str, rank: int) -> Array | None:
        """Return the numeric array of ``key``, or None where it is missing or wrong."""
        if key not in self.entries:
            return None
        value = self.entries[key]
        try:
            array = np.asarray(value) if _holds_numbers(value) else np.empty(0, object)
        except (ValueError, OverflowError):  # nested lists of unequal length; 10**400 beside 0.5
            array = np.empty(0, object)
        if array.dtype.kind in _NUMERIC and array.ndim == rank and 0 not in array.shape[1:]:
            return array
        shape = {1: "[N]", 3: "[N, 3, T]" if key == "text_bert" else "[N, T, D]"}[rank]
        is_array = array.dtype.kind != "O"  # else lists of unequal length, or no numbers
        got = f"{array.dtype} of shape {list(array.shape)}" if is_array else "no array of numbers"
        advice = "store one number a row" if rank == 1 else "pad the sequences into one array"
        self._note(key, got, expected=f"numbers of shape {shape}", advice=advice)
        return None

    def _strings(self, key: str) -> list[str]:
        given = self.entries.get(key, ())
        if isinstance(given, np.ndarray) and beyond_unicode(given):
            values: list[Any] = [b"numbers beyond Unicode"]
        else:
            values = np.asarray(given, dtype=object).reshape(-1).tolist()
        wrong = next((value for value in values if not _is_text(value)), "")
        if not _is_text(wrong):
            self._note(
                key, shown(wrong), expected="text", advice=f"store {key} as strings of Unicode"
            )
        return [str(value) for value in values if isinstance(value, str)]

    def _lengths(
        self, arrays: Mapping[str, Array | None], alignment: Alignment
    ) -> dict[str, npt.NDArray[np.int64]]:
        checked: dict[str, npt.NDArray[np.int64]] = {}
        for name, array in arrays.items() if alignment == "unaligned" else ():
            key = f"{name}_lengths"
            lengths = self._array(key, 1)
            if lengths is None or array is None:
                continue
            steps = array.shape[1]
            inside = (lengths >= 0) & (lengths <= steps)  # false for NaN
            bad = np.flatnonzero(~(inside & (np.rint(lengths) == lengths)))
            if bad.size:
                row = int(bad[0])
                got = f"{lengths[row]} at row {row} ({bad.size} such rows)"
                expected = f"whole numbers from 0 to {steps}, the steps of {name}"
                self._note(
                    key, got, expected=expected, advice=f"cut the lengths to the array {name}"
                )
            else:
                checked[name] = lengths.astype(np.int64)
        return checked

    def _check_counts(self, needed: tuple[str, ...]) -> None:
        present = [key for key in (*needed, "text_bert", "text") if key in self.entries]
        counts = {key: _count(self.entries[key]) for key in present}
        expected = counts.get("id")
        if expected == 0:
            self._note(
                "id",
                "no utterances",
                expected="at least one",
                advice="write the split's utterances",
            )
        for key, count in counts.items():
            if expected is not None and count != expected:
                advice = "each utterance needs one row of every key"
                self._note(
                    key, f"{count} rows", expected=f"{expected}, as many as id has", advice=advice
                )

    def _check_labels(self, labels: Array | None, ids: list[str]) -> None:
        if labels is None:
            return
        bad = np.flatnonzero(~(np.abs(labels) <= 3))  # also true for NaN
        if bad.size:
            row = int(bad[0])
            name = shown_keys(ids[row : row + 1]) or f"row {row}"
            got = f"{labels[row]:g} for {name} ({bad.size} such labels)"
            advice = "map the labels to [-3, 3] or drop the utterance"
            self._note("regression_labels", got, expected="numbers in [-3, 3]", advice=advice)

    def _check_text(self, text_bert: Array | None) -> None:
        if text_bert is None:
            return
        advice = "store ids, mask and segment ids of bert-base-uncased in this order"
        if text_bert.shape[1] != 3:
            self._note(
                "text_bert", f"shape {list(text_bert.shape)}", expected="[N, 3, T]", advice=advice
            )
            return
        inside = (text_bert >= 0) & (text_bert < VOCABULARY)  # false for NaN
        if not (inside & (np.rint(text_bert) == text_bert)).all():
            expected = f"whole numbers from 0 to {VOCABULARY - 1}"
            self._note("text_bert", "other numbers", expected=expected, advice=advice)
            return
        if (text_bert[:, 2] > 1).any():
            self._note(
                "text_bert", "other segment ids", expected="0 or 1, as BERT has", advice=advice
            )
        mask = text_bert[:, 1]
        if (mask > 1).any() or (np.diff(mask.astype(np.int64), axis=1) > 0).any():
            self._note(
                "text_bert", "another mask", expected="ones at the front, then zeros", advice=advice
            )

    def _check_steps(self, arrays: Mapping[str, Array | None], text_bert: Array | None) -> None:
        """Check that the streams of an aligned file have equally many steps."""
        steps = {name: array.shape[1] for name, array in arrays.items() if array is not None}
        if text_bert is not None:
            steps["text_bert"] = text_bert.shape[2]
        if len(set(steps.values())) > 1:
            got = ", ".join(f"{name} {count}" for name, count in steps.items())
            advice = "say if the file is unaligned (--data unaligned=PATH, --alignment unaligned)"
            self._note(
                "", f"steps {got}", expected="equally many steps in an aligned file", advice=advice
            )


def _holds_numbers(value: object) -> bool:
    """Return whether a value is an array, or lists of nothing but numbers and arrays."""
    if isinstance(value, list | tuple):
        return all(map(_holds_numbers, value))
    return isinstance(value, np.ndarray | np.number | np.bool_ | int | float)


def _is_text(value: object) -> bool:
    # half of a surrogate pair is no text, and cannot be stored
    return isinstance(value, str) and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _count(value: object) -> int:
    if isinstance(value, list | tuple | str):
        return len(value)
    return value.shape[0] if isinstance(value, np.ndarray) and value.ndim else 0


def _missing_advice(key: str) -> str:
    if key in LENGTH_KEYS:
        aligned = "(--data aligned=PATH, --alignment aligned)"
        return f"add the true lengths, or say that the file is aligned {aligned}"
    return "write the file in MMSA's layout; see docs/data.md"
