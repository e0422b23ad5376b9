"""Some cells of a space's ablations alone: the short way to run one row of a published table."""

import difflib
import json
from collections.abc import Sequence

from search.errors import Problem, SpaceError
from search.space.findings import one_of
from search.space.space import Space

_MOST_NEAR = 5


def row_overrides(space: Space, rows: Sequence[str]) -> list[str]:
    """Return the overrides that leave only these cells of a space, without search and confirmation.

    The trials of the cells stay those of the whole space, so that running it later uses them again.

    Args:
        space: the whole space.
        rows: the cells, each as ``GROUP/CELL``, or as ``CELL`` where one ablation has it.

    Raises:
        SpaceError: the space has no such cell, or several of that name.
    """
    cells = {
        f"{group}/{cell}": (group, cell) for group, some in space.ablations.items() for cell in some
    }
    wanted = [cells[name] for name in (_full_name(row, list(cells)) for row in rows)]
    values = space.to_dict()
    ablations = {
        group: {cell: changes for cell, changes in some.items() if (group, cell) in wanted}
        for group, some in values["ablations"].items()
    }
    kept = {group: some for group, some in ablations.items() if some}
    baselines = {
        group: cell
        for group, cell in (values.get("baselines") or {}).items()
        if cell in kept.get(group, {})
    }
    return [
        "search=null",
        "confirm=null",
        f"ablations={json.dumps(kept, ensure_ascii=False)}",
        f"baselines={json.dumps(baselines, ensure_ascii=False)}",
    ]


def _full_name(row: str, names: Sequence[str]) -> str:
    """Return ``GROUP/CELL`` of a row.

    Raises:
        SpaceError: no cell, or more than one, has the name; the message lists the nearest.
    """
    if row in names:
        return row
    same = [name for name in names if name.endswith(f"/{row}")]
    if len(same) == 1:
        return same[0]
    if not names:
        raise _refused(row, "the space has no ablations", expected="a space that has some")
    if same:
        raise _refused(row, "several ablations have this row", expected=one_of(same))
    near = _nearest(row, names)
    raise _refused(row, "no such row", expected=one_of(near or names), suggestion=(near or [""])[0])


def _nearest(row: str, names: Sequence[str]) -> list[str]:
    """Return the names near ``row``, with or without their ablation, the nearest first."""

    def likeness(name: str) -> float:
        return max(
            difflib.SequenceMatcher(None, row.lower(), other.lower()).ratio()
            for other in (name, name.partition("/")[2])
        )

    ranked = sorted(names, key=likeness, reverse=True)
    return [name for name in ranked if likeness(name) > 0.6][:_MOST_NEAR]


def _refused(row: str, problem: str, *, expected: str, suggestion: str = "") -> SpaceError:
    where = f"--row {row}"
    return SpaceError([Problem(where, "", problem, expected=expected, suggestion=suggestion)])
