"""pydantic's validation errors in plain words, with the paths of a space file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from search.errors import Problem
from search.option_values import Changes, OptionValue
from search.space.findings import Path, dotted, nearest, one_of, shown
from search.space.options import Option, experiment_options, keys_below, options
from sugrm.config import ExperimentConfig, nested
from sugrm.config.merge import flat

_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
}
_SECTION_KINDS = ("dict_type", "model_type", "model_attributes_type")
_SYNONYMS = {"min": "low", "max": "high", "values": "choice", "options": "choice"}
MISSING = "missing"
"""The problem of a key that a section lacks."""
_NUMBERS = ("int_type", "float_type")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One validation error; ``details`` are the keyword arguments of ``Draft.refuse``."""

    path: Path
    problem: str
    details: Mapping[str, str] = field(default_factory=dict)
    at_key: bool = False


def explain(error: ErrorDetails, given: object, *, model: type[BaseModel]) -> Fault:
    """Return an error of validating ``given`` against ``model``, with the keys as written."""
    path = real_path(error, given)
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    if kind == "extra_forbidden":
        return _unknown_key(path, model, location=error["loc"])
    if _is_parameter(path[:3]) and (kind == "missing" or kind in _SECTION_KINDS):
        return _incomplete_parameter(path, value)
    if kind == "missing":
        return Fault(path=path, problem=MISSING)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _unknown_variant(path, context)
    if kind in ("literal_error", "enum"):
        return _unknown_value(path, value, expected=context["expected"])
    if kind == "value_error":
        return Fault(path=path, problem=str(context["error"]))
    return _broken_rule(path, error, model=model)


def _unknown_variant(path: Path, context: Mapping[str, str]) -> Fault:
    """Return the fault of a section whose ``name``, which decides its options, is wrong."""
    path = (*path, context["discriminator"].strip("'"))
    if "tag" in context:
        fault = _unknown_value(path, context["tag"], expected=context["expected_tags"])
        if path[-2:] == ("model", "name") and not fault.details["suggestion"]:
            plugin = f"{fault.details['expected']}; or the system of a plug-in that plugins lists"
            return replace(fault, details={**fault.details, "expected": plugin})
        return fault
    return Fault(path=path, problem="missing: it decides which options exist")


def _broken_rule(path: Path, error: ErrorDetails, *, model: type[BaseModel]) -> Fault:
    kind = error["type"]
    details = _rule(kind, error["input"], message=error["msg"])
    keys = keys_below(model, path) if kind in _SECTION_KINDS else []
    if keys and one_of(keys):
        details["expected"] = f"keys and values: {', '.join(keys)}"
    return Fault(path=path, problem="not allowed", details=details)


def first_fault(
    error: ValidationError, experiment: Mapping[str, OptionValue], *, changes: Changes
) -> str:
    """Return the first fault of ``changes`` over ``experiment``: key, value, rule, what to do.

    Args:
        error: the error of resolving the changes.
        experiment: fixed values of the space.
        changes: dotted changes.
    """
    given = nested({**dict(flat(experiment)), **changes})
    first, *others = error.errors()
    fault = explain(first, given, model=ExperimentConfig)
    where = dotted(fault.path or first["loc"]) or "the experiment"
    text = str(Problem(where, "", fault.problem, **fault.details))
    more = f"; and {len(others)} more" if others else ""
    return f"{text}{more}; change the value in the space and run the same command again"


def real_path(error: ErrorDetails, given: object) -> Path:
    """Return an error's ``loc`` without the variants' tags that pydantic puts between the keys."""
    path: list[str | int] = []
    value: Any = given
    for step in error["loc"]:
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list | tuple) and isinstance(step, int):
            value = value[step] if step < len(value) else None
        elif error["type"] != "missing" or step != error["loc"][-1]:
            continue
        path.append(step)
    return tuple(path)


def _is_parameter(path: Path) -> bool:
    return len(path) == 3 and path[:2] == ("search", "parameters")


def _incomplete_parameter(path: Path, value: object) -> Fault:
    """Return the fault of a search parameter that has no range and no choices."""
    if len(path) > 3:
        either = {"expected": "a list of values; or low: and high: for a range"}
        return Fault(path=path, problem=MISSING, details=either if path[-1] == "choice" else {})
    suggestion = f"{{choice: {shown(value)}}}" if isinstance(value, list) else ""
    expected = "{low: ..., high: ...} or {choice: [...]}"
    details = {"got": shown(value), "expected": expected, "suggestion": suggestion}
    return Fault(path=path, problem="no range and no choice", details=details)


def _unknown_key(path: Path, model: type[BaseModel], *, location: tuple[str | int, ...]) -> Fault:
    known = keys_below(model, path[:-1])
    if {"model", "training"} <= {*known}:  # those of an experiment, which are merged over presets
        known = ["preset", *known]
    if path[-1] not in known:
        details = {"expected": one_of(known), "suggestion": _known_key(path, known)}
        if ":" in str(path[-1]):
            details = {"expected": "a space after the colon"}
        return Fault(path=path, problem="unknown key", details=details, at_key=True)
    return _key_of_other_variant(path, model, location=location, known=known)


def _known_key(path: Path, known: Sequence[str]) -> str:
    """Return the known key that an unknown one probably means, "" without one."""
    if len(path) == 1 and "experiment" in known and path[0] in experiment_options():
        name = f"experiment.{path[0]}"
        return _nested(name) if "." in str(path[0]) else name
    if "." in str(path[-1]) and ".".join(map(str, path)) in experiment_options():
        return _nested(str(path[-1]))  # parameters and cells have dotted keys, fixed values nested
    suggestion = nearest(path[-1], known)
    return _SYNONYMS.get(str(path[-1]), suggestion) if _is_parameter(path[:3]) else suggestion


def _nested(key: str) -> str:
    """Return a dotted key as YAML nests it: ``model: {width: ...}``."""
    return f"{': {'.join(key.split('.'))}: ...{'}' * key.count('.')}"


def _key_of_other_variant(
    path: Path,
    model: type[BaseModel],
    *,
    location: tuple[str | int, ...],
    known: Sequence[str],
) -> Fault:
    """Return the fault of an option that the chosen variant of its section does not have."""
    option = options(model).get(tuple(str(step) for step in path))
    needed = option.variants if option else {}
    here = {name: _variant(name, location) for name in needed}
    others = {name: names for name, names in needed.items() if here[name] not in names}
    expected = " and ".join(f"{name}: {' or '.join(names)}" for name, names in others.items())
    own = [key for key in known if _goes_with(options(model)[(*_texts(path[:-1]), key)], here)]
    beside = ", ".join(f"{name}: {here[name]}" for name in others)
    if one_of(own):
        expected = f"{expected}; or {one_of(own)}"
    return Fault(
        path=path,
        problem=f"not an option beside {beside}",
        details={"expected": expected},
        at_key=True,
    )


def _texts(path: Path) -> tuple[str, ...]:
    return tuple(str(step) for step in path)


def _variant(name: str, location: tuple[str | int, ...]) -> str:
    """Return the value of a section's ``name`` that pydantic puts after the section's key."""
    section = name.split(".")[-2]
    steps = _texts(location)
    place = steps.index(section) + 1 if section in steps else len(steps)
    return steps[place] if place < len(steps) else ""


def _goes_with(option: Option, here: Mapping[str, str]) -> bool:
    return all(here[name] in names for name, names in option.variants.items() if name in here)


def _unknown_value(path: Path, value: object, *, expected: str) -> Fault:
    known = re.findall(r"'([^']*)'", expected)
    details = {"got": shown(value), "expected": one_of(known), "suggestion": nearest(value, known)}
    return Fault(path=path, problem="unknown value", details=details)


def _bound(match: re.Match[str]) -> str:
    return "at least" if match[1] == "greater" else "at most"


def _rule(kind: str, value: object, *, message: str) -> dict[str, str]:
    expected = _EXPECTED.get(kind, "")
    if not expected:
        expected = re.sub(r"^\w+ should (be |have )?", "", message)
        expected = re.sub(r"^(greater|less) than or equal to", _bound, expected)
        expected = expected.partition(" after validation")[0]
    details = {"got": shown(value), "expected": expected}
    if kind in _NUMBERS and isinstance(value, str) and re.fullmatch(r"[-+]?[0-9]{19,}", value):
        details = {"got": f"a number of {len(value)} digits", "expected": "at most 18 digits"}
    elif kind in _NUMBERS and isinstance(value, str):
        details["got"] = f"the text {shown(value)}"
        if re.fullmatch(r"[-+]?[0-9.]+([eE][-+]?[0-9]+)?", value):
            details["suggestion"] = f"{value} without quotes"
    return details
