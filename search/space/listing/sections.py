"""Every section of an experiment in words: what it is for, and what each of its options allows."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from search.space.listing.words import JsonSchema, words_of
from sugrm.config import ExperimentConfig


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

    @property
    def is_section(self) -> bool:
        """Return whether it holds options of its own, and no plain value."""
        return self.allowed.startswith(_SECTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionText:
    """A section of options in words.

    Attributes:
        path: its dotted path, "" for the experiment itself.
        variant: the ``name`` that chooses it among others: ``sugrm``; "" where there is one alone.
        about: what it is for; the first line is a summary.
        options: the options that it holds itself.
        systems: the systems that have it, below ``model``; empty elsewhere.
    """

    path: str
    variant: str
    about: str
    options: tuple[OptionText, ...]
    systems: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """Return the first line of what it is for."""
        return self.about.partition("\n")[0]


_SECTION = "section"


def list_sections() -> list[SectionText]:
    """Return every section of an experiment once, those of loaded plug-ins among them.

    Sections that several systems share are equal but for their ``systems``, so they become one.
    """
    whole = ExperimentConfig.model_json_schema()
    found: dict[SectionText, tuple[str, ...]] = {}
    for each in _sections(whole, whole.get("$defs", {}), path="", system=""):
        key = replace(each, systems=())
        found[key] = tuple(dict.fromkeys((*found.get(key, ()), *each.systems)))
    return [replace(each, systems=systems) for each, systems in found.items()]


def _sections(
    schema: JsonSchema, known: Mapping[str, JsonSchema], *, path: str, system: str
) -> Iterator[SectionText]:
    """Yield a section, then those below it."""
    properties = schema.get("properties", {})
    variant = _name(schema)
    system = variant if path == "model" else system
    yield SectionText(
        path=path,
        variant=variant,
        about=schema.get("description", "").replace("``", ""),
        options=tuple(
            option
            for key, rule in properties.items()
            if key != "name" or not variant
            for option in _options(_joined(path, key), rule, known=known)
        ),
        systems=(system,) if system else (),
    )
    for key, rule in properties.items():
        for member in _members(rule, known):
            yield from _sections(member, known, path=_joined(path, key), system=system)


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}".removeprefix(".")


def _name(schema: JsonSchema) -> str:
    """Return the only ``name`` that a section can have, "" where it has none or any."""
    return str(schema.get("properties", {}).get("name", {}).get("const", ""))


def _members(rule: JsonSchema, known: Mapping[str, JsonSchema]) -> Iterator[JsonSchema]:
    """Yield the sections that a value may be."""
    if "$ref" in rule:
        target = known[rule["$ref"].rsplit("/", 1)[1]]
        if "properties" in target:
            yield target
    for variant in (*rule.get("anyOf", ()), *rule.get("oneOf", ())):
        yield from _members(variant, known)


def _options(
    name: str, rule: JsonSchema, *, known: Mapping[str, JsonSchema]
) -> Iterator[OptionText]:
    """Yield an option, and after a section with variants the ``name`` that chooses one."""

    def link(section: str) -> str:
        choices = known[section].get("enum")
        return _SECTION if choices is None else ", ".join(map(str, choices))

    default = rule.get("default", ...)
    shown = "" if default is ... or isinstance(default, Mapping) else json.dumps(default)
    parts = words_of(rule, link).replace("`", "").split(" or ")
    yield OptionText(name=name, allowed=" or ".join(dict.fromkeys(parts)), default=shown)
    variants = [_name(member) for member in _members(rule, known) if _name(member)]
    if variants:
        chosen = default.get("name", "") if isinstance(default, Mapping) else ""
        yield OptionText(name=f"{name}.name", allowed=", ".join(variants), default=chosen)
