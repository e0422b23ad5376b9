"""What a JSON schema allows, in words."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

JsonSchema = Mapping[str, Any]

_BOUNDS = {
    "minimum": ">=",
    "exclusiveMinimum": ">",
    "maximum": "<=",
    "exclusiveMaximum": "<",
}


def words_of(rule: JsonSchema, link: Callable[[str], str]) -> str:
    """Return what a JSON schema allows, in words.

    Args:
        rule: the schema of one value.
        link: how the name of a section is shown.
    """
    if "$ref" in rule:
        return link(rule["$ref"].rsplit("/", 1)[1])
    for union in ("anyOf", "oneOf"):
        if union in rule:
            return " or ".join(words_of(variant, link) for variant in rule[union])
    if "const" in rule:
        return value_text(rule["const"])
    if "enum" in rule:
        return ", ".join(value_text(value) for value in rule["enum"])
    if rule.get("type") == "array":
        return _array(rule, link)
    if isinstance(rule.get("additionalProperties"), Mapping):
        return f"mapping of names to {words_of(rule['additionalProperties'], link)}"
    kind = "mapping" if rule.get("type") == "object" else str(rule.get("type", "any value"))
    return ", ".join([kind, *_bounds(rule)])


def value_text(value: object) -> str:
    """Return a value as JSON in backticks."""
    return f"`{json.dumps(value)}`".replace("|", "\\|")


def _array(rule: JsonSchema, link: Callable[[str], str]) -> str:
    if "prefixItems" in rule:
        return "list of " + ", ".join(words_of(item, link) for item in rule["prefixItems"])
    return f"list of {words_of(rule.get('items', {}), link)}"


def _bounds(rule: JsonSchema) -> Iterator[str]:
    for key, word in _BOUNDS.items():
        if key in rule:
            yield f"{word} {rule[key]}"
