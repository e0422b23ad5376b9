"""pydantic's validation errors in the words and with the paths of a space file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from search.space.findings import Path, nearest, one_of, shown
from search.space.options import experiment_options, keys_below, options

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
_NUMBERS = ("int_type", "float_type")


@dataclass(frozen=True, slots=True)
class Fault:
    """One validation error; ``details`` are what ``Draft.refuse`` takes."""

    path: Path
    problem: str
    details: Mapping[str, str]
    at_key: bool = False


def explain(error: ErrorDetails, given: object, model: type[BaseModel]) -> Fault:
    """Return an error of validating ``given`` against ``model``, with the keys as written."""
    path = real_path(error, given)
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    if kind == "extra_forbidden":
        return _unknown_key(path, model)
    if kind == "missing":
        return Fault(path, "missing", {})
    if kind == "union_tag_invalid":
        path = (*path, context["discriminator"].strip("'"))
        return _unknown_value(path, context["tag"], context["expected_tags"])
    if kind == "union_tag_not_found":
        name = context["discriminator"].strip("'")
        return Fault((*path, name), "missing: it says which options there are", {})
    if kind in ("literal_error", "enum"):
        return _unknown_value(path, value, context["expected"])
    if kind == "value_error":
        return Fault(path, str(context["error"]), {})
    return Fault(path, "not allowed", _rule(kind, value, error["msg"]))


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


def _unknown_key(path: Path, model: type[BaseModel]) -> Fault:
    known = keys_below(model, path[:-1])
    if path[-1] not in known:
        suggestion = nearest(path[-1], known)
        if len(path) == 1 and "experiment" in known and path[0] in experiment_options():
            suggestion = f"experiment.{path[0]}"
        details = {"expected": one_of(known), "suggestion": suggestion}
        return Fault(path, "unknown key", details, at_key=True)
    option = options(model).get(tuple(str(step) for step in path))
    needed = option.variants if option else {}
    expected = " and ".join(f"{name}: {' or '.join(names)}" for name, names in needed.items())
    return Fault(path, "does not go with the keys beside it", {"expected": expected}, at_key=True)


def _unknown_value(path: Path, value: object, expected: str) -> Fault:
    known = re.findall(r"'([^']*)'", expected)
    details = {"got": shown(value), "expected": one_of(known), "suggestion": nearest(value, known)}
    return Fault(path, "unknown value", details)


def _bound(match: re.Match[str]) -> str:
    return "at least" if match[1] == "greater" else "at most"


def _rule(kind: str, value: object, message: str) -> dict[str, str]:
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
