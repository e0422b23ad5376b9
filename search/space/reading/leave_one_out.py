"""``leave_one_out`` in an ablation: one cell for each component, the baseline without it.

Loading a space replaces it by ordinary cells, so other modules see only cells.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from search.space.explain import explain
from search.space.findings import Path, nearest, one_of, shown
from search.space.options import value_at
from search.space.reading.components import COMPONENTS
from search.space.reading.document import Draft
from search.space.reading.experiments import Resolver, check_changes, sound_changes
from sugrm.config import ExperimentConfig, nested
from sugrm.config.merge import flat

KEY = "leave_one_out"
BASELINE = "baseline"
_OWN = "own names with changes, as in {dropout: {model.output_dropout: 0.0}}"
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class _Baseline:
    """The cell that components are left out of: its changes, and what resolves over them.

    Where it is missing or has a fault, ``sound`` is false and ``resolver`` has only the fixed
    values, which are enough to check the rest of the group.
    """

    changes: Mapping[str, Any]
    resolver: Resolver
    sound: bool = True

    def options(self) -> dict[str, Any]:
        return self.resolver.resolve({}).model_dump(mode="json")

    def without(self, removal: Mapping[str, Any]) -> dict[str, Any]:
        """Return the changes of the cell that has ``removal`` over the baseline's changes.

        Options that only a removed variant has (the heads of an encoder) are removed too.
        """
        left = self.resolver.resolve(removal).model_dump(mode="json")
        kept = {
            key: value
            for key, value in flat(self.changes)
            if key == "preset" or value_at(left, key, _ABSENT) is not _ABSENT
        }
        return {**kept, **dict(flat(removal))}


def expand_groups(draft: Draft, resolver: Resolver) -> None:
    """Put cells in the place of every ``leave_one_out``; note each that cannot be read."""
    for group in draft.mapping("ablations"):
        cells = draft.mapping("ablations", group)
        if KEY in cells:
            draft.values["ablations"][group] = dict(_expanded(draft, group, cells, resolver))


def _expanded(
    draft: Draft, group: str, cells: Mapping[str, Any], resolver: Resolver
) -> Iterator[tuple[str, Any]]:
    place: Path = ("ablations", group, KEY)
    for name, changes in cells.items():
        if name != KEY:
            yield name, changes
        elif changes is not None:  # left empty is as left out
            baseline = _baseline(draft, group, cells, resolver)
            for part, path, removal in _removals(draft, place, changes, baseline):
                cell = f"without {part}"
                if cell in cells:
                    draft.refuse(
                        path, f"the group has a cell {shown(cell)} already", expected="one of them"
                    )
                else:
                    yield cell, baseline.without(removal)


def _baseline(draft: Draft, group: str, cells: Mapping[str, Any], resolver: Resolver) -> _Baseline:
    if BASELINE not in cells:
        draft.refuse(
            ("ablations", group, KEY),
            f"the group has no cell {BASELINE} to leave components out of",
            at_key=True,
            expected=f"{BASELINE}: {{}} beside it, or with changes",
        )
    given = cells.get(BASELINE)
    if isinstance(given, dict):  # validation of the space notes what is none
        changes = sound_changes(draft, ("ablations", group, BASELINE), given)
        over = resolver.over(changes)
        if not over.own and len(changes) == len(given):
            return _Baseline(changes, over)
    return _Baseline({}, resolver, sound=False)


def _removals(
    draft: Draft, place: Path, given: object, baseline: _Baseline
) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """Yield each component with where it stands and the changes that leave it out."""
    if not isinstance(given, list | dict) or not given:
        draft.refuse(
            place,
            "names no component",
            got=shown(given),
            expected=f"a list of {', '.join(COMPONENTS)}; or {_OWN}",
        )
    elif isinstance(given, list):
        yield from _known_removals(draft, place, given, baseline)
    else:
        yield from _own_removals(draft, place, given, baseline)


def _known_removals(
    draft: Draft, place: Path, names: list[Any], baseline: _Baseline
) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    for index, name in enumerate(names):
        path: Path = (*place, index)
        if not isinstance(name, str) or name not in COMPONENTS:
            draft.refuse(
                path,
                "unknown component",
                got=shown(name),
                expected=f"{one_of(COMPONENTS)}; or {_OWN}",
                suggestion=nearest(name, COMPONENTS),
            )
        elif name in names[:index]:
            draft.refuse(path, "named twice", got=shown(name), expected="each component once")
        elif baseline.sound:
            removal = _removal(draft, path, name, baseline)
            if removal is not None:
                yield name, path, removal


def _removal(draft: Draft, path: Path, name: str, baseline: _Baseline) -> dict[str, Any] | None:
    """Return the changes that leave a known component out of the baseline, if it has that."""
    options = baseline.options()
    removal = COMPONENTS[name].removal(options)
    if removal is None:
        had = [each for each in COMPONENTS if COMPONENTS[each].removal(options) is not None]
        draft.refuse(
            path,
            f"the baseline (model.name: {options['model']['name']}) has no {name} to leave out",
            expected=f"{one_of(had)}; or {_OWN}" if had else _OWN,
        )
        return None
    errors = baseline.resolver.errors(removal)
    for error in errors:
        fault = explain(error, nested(removal), ExperimentConfig)
        draft.refuse(path, f"the baseline cannot do without its {name}: {fault.problem}")
    return None if errors else removal


def _own_removals(
    draft: Draft, place: Path, given: Mapping[str, Any], baseline: _Baseline
) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    for name, removal in given.items():
        path: Path = (*place, name)
        if not isinstance(removal, dict):
            draft.refuse(
                path, "not allowed", got=shown(removal), expected="a mapping of keys to values"
            )
        elif check_changes(draft, path, removal, baseline.resolver) and baseline.sound:
            if baseline.resolver.resolve(removal) == baseline.resolver.resolve({}):
                draft.refuse(
                    path,
                    "changes nothing: the baseline has these values",
                    got=shown(removal),
                    expected="the values that leave the component out",
                )
            else:
                yield name, path, removal
