"""Collecting all problems of a file into one message."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path

from sugrm.errors import DataError
from sugrm.types import Split

_MOST = 20  # problems that a message names
_LONGEST = 40  # characters of a value
_MOST_KEYS = 8  # keys, and places of one problem, that a message names
_LARGEST = 10**_LONGEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem at one or more places of a file, or of the file of the stream ``stream``."""

    stream: str
    places: list[str]
    got: str
    expected: str
    advice: str


@dataclass(frozen=True, slots=True)
class Problems:
    """The problems of the files of a corpus.

    Args:
        path: the file, or the table of several files.
        what: what messages call it.
        frames: stream -> the file that holds its frames, where it is not in ``path``.
    """

    path: Path
    what: str = field(default="the feature file", kw_only=True)
    frames: Mapping[str, Path] = field(default_factory=dict, kw_only=True)
    found: list[Problem] = field(default_factory=list)
    _by_text: dict[tuple[str, ...], Problem] = field(default_factory=dict, init=False)

    def add(self, split: Split | None, key: str, *, got: str, expected: str, advice: str) -> None:
        """Record one problem of ``split[key]``; the texts are shown to the user."""
        place = ".".join(part for part in (split, key) if part)
        place = place or self.what.replace("feature ", "")
        stream = key if key in self.frames else ""
        texts = (stream, got, expected, advice)
        if texts not in self._by_text:
            new = Problem(stream=stream, places=[], got=got, expected=expected, advice=advice)
            self._by_text[texts] = new
            self.found.append(new)
        self._by_text[texts].places.append(place)

    def raise_if_any(self) -> None:
        """Raise all problems so far as one error, those of each file below its name.

        Raises:
            DataError: there is a problem.
        """
        if not self.found:
            return
        shown = sorted(self.found[:_MOST], key=lambda problem: problem.stream)
        lines = []
        for stream, group in groupby(shown, key=lambda problem: problem.stream):
            number = sum(len(each.places) for each in self.found if each.stream == stream)
            counted = "1 problem" if number == 1 else f"{number} problems"
            lines += [self._called(stream, counted), *_rows(group)]
        if len(self.found) > _MOST:
            lines.append(f"  and {len(self.found) - _MOST} more")
        raise DataError("\n".join(lines))

    def _called(self, stream: str, counted: str) -> str:
        if not stream:
            return f"{self.path}: {counted} in {self.what}"
        return f"{self.frames[stream]}: {counted} in the file of {stream}"


def _rows(problems: Iterable[Problem]) -> list[str]:
    """Return a line for each problem; neighbours with one advice share it."""
    lines = []
    for advice, group in groupby(problems, key=lambda problem: problem.advice):
        rows = [f"  {_said(problem)}" for problem in group]
        lines += [*rows[:-1], f"{rows[-1]}; {advice}"]
    return lines


def shown(value: object) -> str:
    """Return a value as a message shows it: long text is cut, other values show their type.

    >>> shown("a" * 50), shown(10**5000), shown([[]])
    ("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'", 'a whole number of 16610 bits', 'list')
    """
    if isinstance(value, str | bytes):
        text = repr(value[:_LONGEST])
        is_whole = len(value) <= _LONGEST and len(text) <= 2 * _LONGEST
        return text if is_whole else f"{text[: 2 * _LONGEST].rstrip(text[-1])}...{text[-1]}"
    if isinstance(value, int) and abs(value) >= _LARGEST:
        return f"a whole number of {value.bit_length()} bits"
    if value is None or isinstance(value, int | float):
        return repr(value)
    return type(value).__name__


def shown_keys(keys: Iterable[object]) -> str:
    """Return the first keys of a dict as a message shows them."""
    given = list(keys)
    names = [key if isinstance(key, str) and len(key) <= _LONGEST else shown(key) for key in given]
    more = f" and {len(given) - _MOST_KEYS} more" if len(given) > _MOST_KEYS else ""
    return ", ".join(islice(names, _MOST_KEYS)) + more


def _said(problem: Problem) -> str:
    return f"{shown_keys(problem.places)}: got {problem.got}, expected {problem.expected}"
