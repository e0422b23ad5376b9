"""Checks of a space's experiment, and of every change of it, against ``ExperimentConfig``."""

from collections.abc import Collection, Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from search.option_values import Changes, OptionValue
from search.space.explain import Fault, explain
from search.space.findings import Path, dotted, nearest, one_of, shown
from search.space.options import experiment_options, nearest_option
from search.space.reading.document import Draft
from sugrm.config import PRESETS, ExperimentConfig, nested, resolve
from sugrm.errors import SugrmError


class Resolver:
    """Resolves changes over fixed layers, and separates their errors from those of the layers."""

    def __init__(self, *fixed: Changes) -> None:
        """Resolve the fixed layers; their errors are ``fixed_errors``."""
        self.fixed = fixed
        self._known: set[tuple[object, ...]] = set()
        self.fixed_errors = self.errors({})
        self._known = {_identity(error) for error in self.fixed_errors}

    def experiment_of(self, changes: Changes) -> ExperimentConfig:
        """Return the experiment of dotted ``changes`` over the fixed layers."""
        return resolve(*self.fixed, nested(changes))

    def with_changes(self, changes: Changes) -> "Resolver":
        """Return a resolver whose fixed layers have dotted ``changes`` on top."""
        return Resolver(*self.fixed, nested(changes))

    def errors(self, changes: Changes) -> list[ErrorDetails]:
        """Return the errors that ``changes`` cause, without those of the fixed layers."""
        try:
            self.experiment_of(changes)
        except ValidationError as error:
            return [e for e in error.errors() if _identity(e) not in self._known]
        return []


def alignment_of(experiment: object) -> str:
    """Return the alignment of fixed values, valid or not: their own, or that of their presets."""
    given = experiment if isinstance(experiment, Mapping) else {}
    if "alignment" in given:
        return str(given["alignment"])
    try:
        return resolve({"preset": given.get("preset", [])}).alignment
    except (ValidationError, SugrmError, TypeError, ValueError):  # the presets have their own fault
        return "unaligned"


def check_experiment(draft: Draft) -> Resolver:
    """Note every fault of the fixed values; return a resolver of changes over them."""
    fixed = dict(draft.mapping("experiment"))
    if "preset" in fixed and not check_preset(
        draft, ("experiment", "preset"), preset=fixed["preset"]
    ):
        del fixed["preset"]
    resolver = Resolver(fixed)
    for error in resolver.fixed_errors:
        fault = explain(error, fixed, model=ExperimentConfig)
        draft.refuse(
            ("experiment", *fault.path), fault.problem, at_key=fault.at_key, **fault.details
        )
    return resolver


def check_changes(draft: Draft, base: Path, *, changes: object, resolver: Resolver) -> bool:
    """Note every fault of the dotted changes at ``base``; return whether there was none."""
    if not isinstance(changes, dict):  # validation of the space has noted it
        return False
    before = len(draft.findings)
    known = keep_valid_changes(draft, base, changes=changes)
    for error in resolver.errors(known):
        fault = explain(error, nested(known), model=ExperimentConfig)
        path = _below_change(fault, known)
        draft.refuse((*base, *path), fault.problem, at_key=fault.at_key, **fault.details)
    return len(draft.findings) == before


def keep_valid_changes(draft: Draft, base: Path, *, changes: Changes) -> dict[str, OptionValue]:
    """Note unknown options and presets; return the other changes, which can be resolved."""
    known = {key: changes[key] for key in keep_known_options(draft, base, keys=changes)}
    if "preset" in known and not check_preset(draft, (*base, "preset"), preset=known["preset"]):
        del known["preset"]
    return known


def keep_known_options(draft: Draft, base: Path, *, keys: Collection[str]) -> list[str]:
    """Note keys that are no options or lie inside other keys; return the others."""
    options = experiment_options()
    known: list[str] = []
    for key in keys:
        inside = next((other for other in keys if key.startswith(f"{other}.")), None)
        if key not in options:
            _refuse_unknown(draft, (*base, key), key=key)
        elif inside is not None:
            draft.refuse((*base, key), f"already inside {inside}, which is set too", at_key=True)
        else:
            known.append(key)
    return known


def check_preset(draft: Draft, path: Path, *, preset: object) -> bool:
    """Note unknown presets; return whether there was none."""
    before = len(draft.findings)
    names = [(path, preset)] if not isinstance(preset, list) else []
    if isinstance(preset, list):
        names = [((*path, index), name) for index, name in enumerate(preset)]
    for place, name in names:
        if not isinstance(name, str) or name not in PRESETS:
            draft.refuse(
                place,
                "unknown preset",
                got=shown(name),
                expected=one_of(PRESETS),
                suggestion=nearest(name, PRESETS),
            )
    return len(draft.findings) == before


def _below_change(fault: Fault, changes: Collection[str]) -> Path:
    """Return the path of a fault as the key of its change and the rest."""
    for length in range(len(fault.path), 0, -1):
        key = dotted(fault.path[:length])
        if key in changes:
            return (key, *fault.path[length:])
    return ()


def _refuse_unknown(draft: Draft, path: Path, *, key: str) -> None:
    suggestion = nearest_option(key)
    expected = "" if suggestion else "a dotted option of the experiment"
    draft.refuse(path, "unknown option", at_key=True, expected=expected, suggestion=suggestion)


def _identity(error: ErrorDetails) -> tuple[object, ...]:
    return (error["loc"], error["msg"])
