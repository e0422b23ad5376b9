"""The arrays of one split, read one key at a time; what is wrong is noted, and reading goes on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sugrm.data.reading import values
from sugrm.data.reading.problems import Problems, shown, shown_keys
from sugrm.data.reading.raw import Array, Lengths, RawStream
from sugrm.types import Split

ONE_NUMBER = "store one number a row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """The entries of one split.

    Attributes:
        split: the split.
        given: key -> what the file holds.
        bound: labels lie in [-bound, bound].
        problems: takes what is wrong.
    """

    split: Split
    given: Mapping[str, Any]
    bound: float
    problems: Problems

    def __contains__(self, key: str) -> bool:
        """Whether the file holds the key."""
        return key in self.given

    def note(self, key: str, got: str, *, expected: str, advice: str) -> None:
        """Note what is wrong with a key."""
        self.problems.add(self.split, key, got=got, expected=expected, advice=advice)

    def names(self, key: str) -> list[str]:
        """Return the names of the utterances; what is no name is noted."""
        found, wrong = values.names(self.given.get(key, ()))
        if values.is_wrong(wrong):
            expected = "text, numbers, or rows of these"
            advice = "store the name of each utterance"
            self.note(key, shown(wrong), expected=expected, advice=advice)
        return found

    def first_of(self, keys: Sequence[str]) -> str:
        """Return the first of the keys that the file holds; the first of all where it has none."""
        return next((key for key in keys if key in self), keys[0])

    def numbers(self, key: str) -> list[str]:
        """Return the number of each row of a key, from 1, as text: names for want of names."""
        return [str(number) for number in range(1, values.count(self.given[key]) + 1)]

    def texts(self, key: str) -> list[str] | None:
        """Return the transcripts, None where the file holds none; what is no text is noted."""
        if key not in self.given:
            return None
        found, wrong = values.texts(self.given[key])
        if values.is_wrong(wrong):
            advice = f"store {key} as strings of Unicode"
            self.note(key, shown(wrong), expected="text", advice=advice)
        return found

    def labels(self, key: str, ids: list[str]) -> Array | None:
        """Return [N] labels within the bound, None where they are missing or wrong."""
        labels = self._numbers(key, 1, shape="[N]", advice=ONE_NUMBER)
        if labels is None:
            return None
        bad = np.flatnonzero(~(np.abs(labels) <= self.bound))  # also true for NaN
        if bad.size:
            row, limits = int(bad[0]), f"[-{self.bound:g}, {self.bound:g}]"
            name = shown_keys(ids[row : row + 1]) or f"row {row}"
            self.note(
                key,
                f"{labels[row]:g} for {name} ({bad.size} such labels)",
                expected=f"numbers in {limits}",
                advice=f"map the labels to {limits} or drop the utterance; labels of another range "
                "are another dataset (data.dataset)",
            )
            return None
        return labels.astype(np.float32)

    def padded(self, key: str, *, shape: str) -> Array | None:
        """Return an array of three axes, called ``shape`` in messages; None where it is wrong."""
        return self._numbers(key, 3, shape=shape, advice="pad the sequences into one array")

    def stream(self, key: str) -> RawStream | None:
        """Return padded frames, or sequences of unequal length, without stated lengths."""
        if key not in self.given:
            return None
        frames = values.numbers(self.given[key], 3)
        found = values.sequences(self.given[key]) if frames is None else frames
        if found is None:
            self.note(
                key,
                values.shape_of(self.given[key]),
                expected="numbers of shape [N, T, D], or N arrays [T, D] of one D",
                advice="pad the sequences into one array",
            )
            return None
        return RawStream(frames=found)

    def lengths(self, key: str, *, stream: str, steps: int) -> Lengths | None:
        """Return [N] lengths from 0 to ``steps``, None where they are wrong."""
        given = self._numbers(key, 1, shape="[N]", advice=ONE_NUMBER)
        if given is None:
            return None
        lengths, bad = values.whole_numbers(given, steps)
        if not bad.size:
            return lengths
        row = int(bad[0])
        self.note(
            key,
            f"{given[row]} at row {row} ({bad.size} such rows)",
            expected=f"whole numbers from 0 to {steps}, the steps of {stream}",
            advice=f"cut the lengths to the array {stream}",
        )
        return None

    def check_counts(self, keys: Iterable[str], *, of: str) -> None:
        """Note keys that have another number of rows than ``of``, and a split without any."""
        counts = {key: values.count(self.given[key]) for key in keys if key in self.given}
        expected = counts.get(of)
        if expected == 0:
            self.note(
                of, "no utterances", expected="at least one", advice="write the split's utterances"
            )
        for key, rows in counts.items():
            if expected is not None and rows != expected:
                advice = "each utterance needs one row of every key"
                wanted = f"{expected}, as many as {of} has"
                self.note(key, f"{rows} rows", expected=wanted, advice=advice)

    def _numbers(self, key: str, rank: int, *, shape: str, advice: str) -> Array | None:
        if key not in self.given:
            return None
        array = values.numbers(self.given[key], rank)
        if array is None:
            got = values.shape_of(self.given[key])
            self.note(key, got, expected=f"numbers of shape {shape}", advice=advice)
        return array
