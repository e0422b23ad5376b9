"""Every option in words: what a section is for, and what each of its options allows."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sugrm.config import ExperimentConfig

JsonSchema = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionText:
    """An option in words.

    Attributes:
        name: its dotted path under ``experiment``: ``model.width``.
        allowed: its type or choices, with its range.
        default: its default as JSON, "" where it has none.
    """

    name: str
    allowed: str
    default: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionText:
    """A section of options in words.

    Attributes:
        path: its dotted path, "" for the experiment itself.
        variant: the ``name`` that chooses it among others: ``sugrm``; "" where there is one alone.
        about: what it is for; the first line is a summary.
        options: the options that it holds itself.
    """

    path: str
    variant: str
    about: str
    options: tuple[OptionText, ...]

    @property
    def summary(self) -> str:
        """Return the first line of what it is for."""
        return self.about.partition("\n")[0]


def list_sections() -> list[SectionText]:
    """Return every section of an experiment, those of plug-ins that are loaded among them."""
    whole = ExperimentConfig.model_json_schema()
    return list(_sections(whole, whole.get("$defs", {}), path=""))


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
    words = {
        "minimum": ">=",
        "exclusiveMinimum": ">",
        "maximum": "<=",
        "exclusiveMaximum": "<",
    }
    for key, word in words.items():
        if key in rule:
            yield f"{word} {rule[key]}"


def _sections(
    schema: JsonSchema, known: Mapping[str, JsonSchema], *, path: str
) -> Iterator[SectionText]:
    """Yield a section, then those below it."""
    properties = schema.get("properties", {})
    below = {key: list(_members(rule, known)) for key, rule in properties.items()}
    yield SectionText(
        path=path,
        variant=str(properties.get("name", {}).get("const", "")),
        about=schema.get("description", "").replace("``", ""),
        options=tuple(
            _option(f"{path}.{key}".strip("."), rule, known=known)
            for key, rule in properties.items()
            if key != "name" or "const" not in rule
        ),
    )
    for key, members in below.items():
        for member in members:
            yield from _sections(member, known, path=f"{path}.{key}".strip("."))


def _members(rule: JsonSchema, known: Mapping[str, JsonSchema]) -> Iterator[JsonSchema]:
    """Yield the sections that a value may be."""
    if "$ref" in rule:
        target = known[rule["$ref"].rsplit("/", 1)[1]]
        if "properties" in target:
            yield target
    for variant in (*rule.get("anyOf", ()), *rule.get("oneOf", ())):
        yield from _members(variant, known)


def _option(name: str, rule: JsonSchema, *, known: Mapping[str, JsonSchema]) -> OptionText:
    def link(section: str) -> str:
        choices = known[section].get("enum")
        return "a section" if choices is None else ", ".join(map(str, choices))

    default = rule.get("default", ...)
    shown = "" if default is ... or isinstance(default, Mapping) else json.dumps(default)
    parts = words_of(rule, link).replace("`", "").split(" or ")
    return OptionText(name=name, allowed=" or ".join(dict.fromkeys(parts)), default=shown)
