"""Names shortened to the places of a line, in which wide characters take two."""

import unicodedata


def shortened(text: str, width: int) -> str:
    """Return ``text`` shortened to ``width`` places: both ends, which distinguish names.

    Wide characters, such as Chinese ones, take two places.

    >>> shortened("training.learning_rate.text", 17)
    'training…ate.text'
    """
    places = in_places(text)
    if len(places) <= width:
        return text
    tail = (width - 1) // 2
    ends = (places[: width - 1 - tail], places[len(places) - tail :])
    return "…".join(end.replace(SECOND, "") for end in ends)


def is_wide(character: str) -> bool:
    """Return whether a character is as wide as two letters: Chinese, Japanese, Korean, emoji."""
    return unicodedata.east_asian_width(character) in ("W", "F")


SECOND = "\0"
"""Marks the second place of a wide character; text that is shown has none."""


def in_places(text: str) -> str:
    """Return ``text`` with a character for each place that it takes in a line."""
    if text.isascii():
        return text
    return "".join(c + SECOND if is_wide(c) else c for c in text)
