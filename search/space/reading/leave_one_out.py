"""``leave_one_out`` of an ablation: one cell for each component, the baseline without it.

A space is loaded with ordinary cells in its place, so other modules see only cells.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from search.option_values import Changes, OptionValue
from search.space.explain import explain
from search.space.findings import Path, nearest, one_of, shown
from search.space.options import value_at
from search.space.reading.components import COMPONENTS
from search.space.reading.document import Draft
from search.space.reading.experiments import Resolver, check_changes, keep_valid_changes
from sugrm.config import ExperimentConfig, nested
from sugrm.config.merge import flat

KEY = "leave_one_out"
BASELINE = "baseline"
_OWN = "own names with changes, as in {dropout: {model.output_dropout: 0.0}}"
_ABSENT = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Baseline:
    """The cell that components are left out of.

    Attributes:
        changes: dotted changes of the cell.
        resolver: resolves further changes over those of the cell; over the fixed values alone,
            which suffice to check the rest of the group, where the cell is not valid.
        is_valid: False where the cell is missing or has a fault.
    """

    changes: Changes
    resolver: Resolver
    is_valid: bool = True

    def options(self) -> dict[str, Any]:
        return self.resolver.experiment_of({}).model_dump(mode="json")

    def is_changed_by(self, removal: Changes) -> bool:
        """Return whether the baseline's experiment is another one with ``removal``."""
        return self.resolver.experiment_of(removal) != self.resolver.experiment_of({})

    def without(self, removal: Changes) -> Changes:
        """Return the changes of the cell that applies ``removal`` to the baseline.

        Options that only a removed variant has (the heads of an encoder) are removed too.
        """
        left = self.resolver.experiment_of(removal).model_dump(mode="json")
        kept = {
            key: value
            for key, value in flat(self.changes)
            if key == "preset" or value_at(left, key, default=_ABSENT) is not _ABSENT
        }
        return {**kept, **dict(flat(removal))}


def expand_groups(draft: Draft, resolver: Resolver) -> None:
    """Replace every ``leave_one_out`` by cells; note each that cannot be read."""
    for group in draft.mapping("ablations"):
        cells = draft.mapping("ablations", group)
        if KEY in cells:
            draft.values["ablations"][group] = dict(
                _expand(draft, group, cells=cells, resolver=resolver)
            )


def _expand(
    draft: Draft, group: str, *, cells: Changes, resolver: Resolver
) -> Iterator[tuple[str, OptionValue]]:
    place: Path = ("ablations", group, KEY)
    for name, changes in cells.items():
        if name != KEY:
            yield name, changes
        elif changes is not None:  # an empty key counts as absent
            baseline = _read_baseline(draft, group, cells=cells, resolver=resolver)
            for part, path, removal in _read_removals(
                draft, place, given=changes, baseline=baseline
            ):
                cell = f"without {part}"
                if cell in cells:
                    draft.refuse(
                        path,
                        f"the group has a cell {shown(cell)} already",
                        expected="one of the two",
                    )
                else:
                    yield cell, baseline.without(removal)


def _read_baseline(draft: Draft, group: str, *, cells: Changes, resolver: Resolver) -> _Baseline:
    if BASELINE not in cells:
        draft.refuse(
            ("ablations", group, KEY),
            f"the group has no cell {BASELINE} to leave components out of",
            at_key=True,
            expected=f"{BASELINE}: {{}} beside it, or with changes",
        )
    given = cells.get(BASELINE)
    if isinstance(given, dict):  # validation of the space notes other types
        changes = keep_valid_changes(draft, ("ablations", group, BASELINE), changes=given)
        over = resolver.with_changes(changes)
        if not over.fixed_errors and len(changes) == len(given):
            return _Baseline(changes=changes, resolver=over)
    return _Baseline(changes={}, resolver=resolver, is_valid=False)


def _read_removals(
    draft: Draft, place: Path, *, given: object, baseline: _Baseline
) -> Iterator[tuple[str, Path, Changes]]:
    """Yield each component with its path and the changes that leave it out."""
    if not isinstance(given, list | dict) or not given:
        draft.refuse(
            place,
            "names no component",
            got=shown(given),
            expected=f"a list of {', '.join(COMPONENTS)}; or {_OWN}",
        )
    elif isinstance(given, list):
        yield from _read_known(draft, place, names=given, baseline=baseline)
    else:
        yield from _read_own(draft, place, given=given, baseline=baseline)


def _read_known(
    draft: Draft, place: Path, *, names: list[object], baseline: _Baseline
) -> Iterator[tuple[str, Path, Changes]]:
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
        elif baseline.is_valid:
            removal = _read_removal(draft, path, name=name, baseline=baseline)
            if removal is not None:
                yield name, path, removal


def _read_removal(draft: Draft, path: Path, *, name: str, baseline: _Baseline) -> Changes | None:
    """Return the changes that leave a component out of the baseline; None where it has none."""
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
        fault = explain(error, nested(removal), model=ExperimentConfig)
        draft.refuse(path, f"the baseline cannot do without its {name}: {fault.problem}")
    return None if errors else removal


def _read_own(
    draft: Draft, place: Path, *, given: Mapping[str, object], baseline: _Baseline
) -> Iterator[tuple[str, Path, Changes]]:
    for name, removal in given.items():
        path: Path = (*place, name)
        if not isinstance(removal, dict):
            expected = "a mapping of keys to values"
            draft.refuse(path, "not allowed", got=shown(removal), expected=expected)
            continue
        is_valid = check_changes(draft, path, changes=removal, resolver=baseline.resolver)
        if not is_valid or not baseline.is_valid:
            continue
        if baseline.is_changed_by(removal):
            yield name, path, removal
        else:
            draft.refuse(
                path,
                "changes nothing: the baseline has these values",
                got=shown(removal),
                expected="the values that leave the component out",
            )
