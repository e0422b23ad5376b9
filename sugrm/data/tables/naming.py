"""The names of utterances, from the columns of all tables of a path together."""

from collections.abc import Sequence
from dataclasses import dataclass

from sugrm.data.names import CLIP


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NameColumns:
    """The columns of a table that name its rows; None where it lacks one.

    Attributes:
        ids: name of each row, which may be distinct within its video alone.
        videos: video of each row.
        clips: clip of each row within its video.
        count: number of rows.
    """

    ids: list[str] | None
    videos: list[str] | None
    clips: list[str] | None
    count: int

    def names(self, are_distinct: bool) -> list[str] | None:
        """Return the name of each row, None where no column names it.

        Args:
            are_distinct: whether no two rows of any table have the same id.
        """
        if self.ids is not None and (self.videos is None or are_distinct):
            return self.ids
        clips = self.clips or self.ids
        if self.videos is not None and clips is not None:
            pairs = zip(self.videos, clips, strict=True)
            return [f"{video}{CLIP}{clip}" for video, clip in pairs]
        return self.videos or clips


def joined_names(parts: Sequence[NameColumns]) -> tuple[list[str], bool]:
    """Return the names of the rows of all tables, and whether these are the numbers of the rows.

    Ids that one table repeats are no names in the others either: frames that stand beside the
    tables would not be found. Tables without any names count their rows on from one another.
    """
    given = [name for part in parts for name in part.ids or ()]
    are_distinct = len(set(given)) == len(given)
    found = [part.names(are_distinct) for part in parts]
    if all(names is None for names in found):
        return _numbers(sum(part.count for part in parts)), True
    pairs = zip(parts, found, strict=True)
    named = [_numbers(part.count) if names is None else names for part, names in pairs]
    return [name for names in named for name in names], False


def _numbers(count: int) -> list[str]:
    return [str(number) for number in range(1, count + 1)]
