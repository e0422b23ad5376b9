"""Reading JSON files that may be damaged; an error is one line."""

import json
import re
from typing import Any

from reports.ledger.places.storage import Place

_DEEPEST = 64
_LARGEST = 2**63
_SUSPICIOUS = re.compile(r"[0-9](?<![.0-9].)[0-9]{18}")
"""19 digits that follow neither a point nor a digit, so that digits of a fraction do not match. A
character class in front is searched for twice as fast as a look-behind."""


def read_json(path: Place) -> Any:  # noqa: ANN401 - whatever the file holds
    """Return the content of a JSON file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the content cannot be used; the message is the reason, in one line.
        StorageError: an object store does not answer.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from None
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ValueError(error.strerror or type(error).__name__) from None
    return parse_json(text)


def parse_json(text: str) -> Any:  # noqa: ANN401 - whatever the text holds
    """Return the value of a JSON text.

    Raises:
        ValueError: the text is no JSON, is nested deeper than 64 levels or holds an integer beyond
            64 bits; later code would fail with a recursion or an overflow.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} in line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise ValueError("nested too deep") from None
    except ValueError:  # Python refuses to read an integer of thousands of digits
        raise ValueError("an integer beyond 64 bits") from None
    if text.count("[") + text.count("{") > _DEEPEST or _SUSPICIOUS.search(text):
        _check(value)
    return value


def _check(value: object) -> None:
    level: list[object] = [value]
    for _ in range(_DEEPEST):
        if any(isinstance(one, int) and abs(one) >= _LARGEST for one in level):
            raise ValueError("an integer beyond 64 bits")
        level = [inner for one in level for inner in _members(one)]
        if not level:
            return
    raise ValueError(f"nested deeper than {_DEEPEST} levels")


def _members(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
