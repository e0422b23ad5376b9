"""Lists and counts in notes, as short as they can be."""

from collections.abc import Collection, Sequence

MOST_LISTED = 10
"""Most names that a note lists in full."""
_EXAMPLES = 3


def shortened_list(names: Sequence[object], noun: str, *, named: bool = False) -> str:
    """Return all names, or how many there are with the first few of them.

    >>> shortened_list([1, 2], "trials")
    '1, 2'
    >>> shortened_list([1, 2], "trials", named=True)
    'trials 1, 2'
    >>> shortened_list(range(1, 3000, 2), "trials")
    '1,500 trials, such as 1, 3, 5'

    Args:
        names: the names to list.
        noun: plural noun for the things that have these names.
        named: whether the noun, singular for one name, precedes a whole list.
    """
    if len(names) > MOST_LISTED:
        return f"{len(names):,} {noun}, such as {', '.join(map(str, names[:_EXAMPLES]))}"
    whole = ", ".join(map(str, names))
    if not named:
        return whole
    return f"{noun.removesuffix('s') if len(names) == 1 else noun} {whole}"


def count_range(counts: Collection[int]) -> str:
    """Return the smallest and the largest of some counts, or the one that all of them are.

    >>> count_range([3, 5, 4]), count_range([2, 2])
    ('3 to 5', '2')
    """
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"


def clipped(text: str, width: int) -> str:
    """Return ``text`` with at most ``width`` characters, the end replaced by an ellipsis.

    >>> clipped("replace SPT by LSTM", 12)
    'replace SPT…'
    """
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"
