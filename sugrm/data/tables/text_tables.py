"""Tables in text files: CSV, its relatives with tabs or semicolons, JSON lines and JSON arrays.

Python's own readers are used: they say on which line a row begins, and refuse quotes that do not
match. Every value of a CSV stays text until its meaning is known.
"""

import csv
import io
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sugrm.data.reading.opening import stray_byte
from sugrm.data.reading.problems import Problems, shown, shown_keys
from sugrm.data.tables.columns import count_known
from sugrm.data.tables.table import Keep, Table
from sugrm.errors import DataError

_DELIMITERS = ",\t;|"
_CSV_ADVICE = (
    'put texts that hold the delimiter, a quote or a line break into quotes, and write " inside '
    'quotes as ""'
)
_limit_lock = threading.Lock()


def read_csv(path: Path, keep: Keep, *, problems: Problems) -> Table:
    """Return a table of values as text; the delimiter is the one that names known columns.

    Raises:
        DataError: the file is not UTF-8.
    """
    text = read_text(path)
    with _fields_of_any_size(len(text)):
        delimiter = _delimiter(text)
        header, rows, lines = _records(text, delimiter, problems=problems)
    kept = [place for place, name in enumerate(header) if keep(name)]
    for name in {header[place] for place in kept if header.count(header[place]) > 1}:
        _note(problems, 1, got=f"two columns {shown(name)}", expected="one")
    return Table(
        path=path,
        names=header,
        columns={header[place]: [row[place] for row in rows] for place in kept},
        rows=lines,
        unit="line",
    )


def read_json(path: Path, keep: Keep, *, problems: Problems) -> Table:
    """Return a table of JSON lines, or of one array, with an object for each row.

    Raises:
        DataError: the file is not UTF-8, or is one object over several lines.
    """
    text = read_text(path)
    is_array = text.lstrip().startswith("[")
    if not is_array:
        _check_one_object_a_line(path, text)
    records = _array(text, problems) if is_array else _lines(text, problems)
    names = list(dict.fromkeys(name for _, record in records for name in record))
    return Table(
        path=path,
        names=names,
        columns={name: [each.get(name) for _, each in records] for name in names if keep(name)},
        rows=[number for number, _ in records],
        unit="row" if is_array else "line",
    )


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, without the mark that some programs put in front.

    Raises:
        DataError: it cannot be read, is not UTF-8, or begins with control characters.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{path}: cannot read the file ({error.strerror}); check the path"
        ) from error
    place = stray_byte(data)
    if place is not None:
        line = data.count(b"\n", 0, place) + 1
        raise DataError(
            f"{path}: line {line} has the control character {data[place]:#04x} (byte {place + 1} "
            "of the file); expected text: remove it, or save the file again as UTF-8"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}: line {line} is not UTF-8 text (byte {data[error.start]:#04x}); save the file "
            "as UTF-8: iconv -f latin1 -t utf-8 OLD > NEW, if it is latin-1"
        ) from None


@contextmanager
def _fields_of_any_size(size: int) -> Iterator[None]:
    """Raise the limit of 128 KiB that Python's reader has; it is one for the whole process."""
    with _limit_lock:
        before = csv.field_size_limit(max(size, 1))
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _delimiter(text: str) -> str:
    def judged(delimiter: str) -> tuple[int, int]:
        header = _first_row(text, delimiter)
        return count_known(header), len(header)

    return max(_DELIMITERS, key=judged)  # the first of those that are equally good


def _first_row(text: str, delimiter: str) -> list[str]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return next((row for row in rows if row), [])


def _records(
    text: str, delimiter: str, *, problems: Problems
) -> tuple[list[str], list[list[str]], list[int]]:
    """Return the header, the rows of as many values, and the line at which each row begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    line = 1
    try:
        for row in reader:
            if not header:
                header = [name.strip() for name in row]
            elif row and len(row) != len(header):
                expected = f"{len(header)}, as the header has"
                _note(problems, line, got=_counted(row), expected=expected)
            elif row:
                rows.append(row)
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        _note(problems, line, got=f"quotes that do not match ({error})", expected="a row of CSV")
    return header, rows, lines


def _counted(row: Sequence[str]) -> str:
    return "1 column" if len(row) == 1 else f"{len(row)} columns"


def _note(problems: Problems, line: int, *, got: str, expected: str) -> None:
    problems.add(None, f"line {line}", got=got, expected=expected, advice=_CSV_ADVICE)


def _array(text: str, problems: Problems) -> list[tuple[int, dict[str, Any]]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        _note_json(problems, "the file", got=f"no JSON ({error})")
        return []
    return _objects(enumerate(found, 1), unit="row", problems=problems)


def _lines(text: str, problems: Problems) -> list[tuple[int, dict[str, Any]]]:
    def parsed() -> Iterator[tuple[int, object]]:
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                try:
                    yield number, json.loads(line)
                except (ValueError, RecursionError) as error:
                    _note_json(problems, f"line {number}", got=f"no JSON ({error})")

    return _objects(parsed(), unit="line", problems=problems)


def _check_one_object_a_line(path: Path, text: str) -> None:
    """Refuse an object that goes on over several lines: each line of it would be a problem."""
    first = text.lstrip().partition("\n")[0]
    if _is_json(first):
        return
    try:
        found, end = json.JSONDecoder().raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return
    rest = "the first of several objects" if text.lstrip()[end:].strip() else "one object"
    raise DataError(
        f"{path}: a JSON file of {rest} over several lines, with {shown_keys(found)}; expected an "
        "object for each utterance: write one object a line, or one array of objects (a file for "
        "each split, or a key split)"
    )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _objects(
    given: Iterator[tuple[int, object]], *, unit: str, problems: Problems
) -> list[tuple[int, dict[str, Any]]]:
    found = []
    for number, value in given:
        if isinstance(value, dict):
            found.append((number, value))
        else:
            _note_json(problems, f"{unit} {number}", got=shown(value))
    return found


def _note_json(problems: Problems, place: str, *, got: str) -> None:
    problems.add(
        None,
        place,
        got=got,
        expected='an object, as {"text": "good", "label": 1.5}',
        advice="write one object a line, or one array of objects",
    )
