"""The reference of the space file: its sections in the order of the file, each with an example."""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from search.space import Space
from search.space.listing import words_of
from search.space.reading.components import COMPONENTS
from sugrm.config import PRESETS, ExperimentConfig
from sugrm.config.presets.about import PRESETS_ABOUT

EXAMPLES = Path(__file__).with_name("space_examples.yaml")
"""Title of a section, without backticks -> its example, as text."""

JsonSchema = Mapping[str, Any]
_PAGE = re.compile(r"\bdocs/(\w+\.md)")
_PRESET_STYLE: Any = {"sort_keys": False, "default_flow_style": None, "width": 88}
_JSON_TEXT = re.compile(r'`("[^"`]*")`')
# The three kinds of a parameter have no name of their own in the file.
_PARAMETERS = {
    "FloatParameter": "number",
    "IntParameter": "whole number",
    "ChoiceParameter": "choice",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section of the file: a class of options at the first place where it may stand.

    Attributes:
        path: its dotted path, "" for the file itself.
        variant: the ``name`` that chooses it among others at this path; "" where it is alone.
        system: the system that has it, where others have another section of this name; or "".
        schema: its part of the JSON schema.
    """

    path: str
    variant: str
    system: str
    schema: JsonSchema

    @property
    def title(self) -> str:
        """The heading: the path as code, the variant as text."""
        variant = f": {self.variant}" if self.variant else ""
        return f"`{self.path}`{variant}" + (f" of {self.system}" if self.system else "")

    @property
    def link(self) -> str:
        """A link to the heading, whose anchor follows from it as on GitHub."""
        anchor = re.sub(r"[^\w -]", "", self.title.lower()).replace(" ", "-")
        return f"[{f'`{self.variant}`' if self.variant else 'section'}](#{anchor})"


def space_reference() -> Iterator[str]:
    """Yield the lines of the page below its heading."""
    examples = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
    yield "One YAML file describes fixed values, a search, its confirmation and ablations."
    yield "[Write a space](own_space.md) explains how to write one; this page lists every key. Each"
    yield from ["example shows its keys at their place in the file.", ""]
    yield from ["## Keys of the file", ""]
    yield from _sections(Space.model_json_schema(), "", examples)
    yield from _components(examples["leave_one_out"])
    yield from ["## Options under `experiment`", ""]
    yield "`preset` names [sets of options](#presets), which the other keys change. Parameters of a"
    yield "search, `start` and the cells of `ablations` name options by dotted keys, as in"
    yield "`training.learning_rate.text`. `sugrm-search options NAME` shows them in the terminal."
    yield ""
    yield from _sections(ExperimentConfig.model_json_schema(), "experiment", examples)
    yield from ["## Presets", "", "Merged left to right, below the explicit values.", ""]
    for name, options in PRESETS.items():
        yield from [f"### `{name}`", "", f"{PRESETS_ABOUT[name]}.", ""]
        yield from _block(yaml.safe_dump({"experiment": options}, **_PRESET_STYLE))


def _block(text: str) -> list[str]:
    return ["```yaml", *text.rstrip().splitlines(), "```", ""]


def _components(example: str) -> Iterator[str]:
    yield from ["## Components that `leave_one_out` knows", ""]
    yield "Each can be left out of a baseline that has it; a baseline without it is rejected."
    yield from ["A mapping leaves out other components, under names of your own.", ""]
    yield from _block(example)
    yield from ["| component | left out by |", "|---|---|"]
    yield from (f"| `{name}` | {component.about} |" for name, component in COMPONENTS.items())
    yield ""


def _sections(schema: JsonSchema, path: str, examples: Mapping[str, str]) -> Iterator[str]:
    """Yield a schema's own keys, then the sections below it in the order of the file."""
    below = _found(schema)
    whole = Section(path=path, variant="", system="", schema=schema)
    for section in (whole, *below.values()):
        key = section.title.replace("`", "") if section.path else "file"
        if section.path:
            yield from [f"### {section.title}", ""]
        about = section.schema.get("description", "").replace("``", "`")
        yield from [_PAGE.sub(r"[docs/\1](\1)", about), ""]
        if key not in examples:
            raise KeyError(f"{EXAMPLES.name} has no example for {key!r}; add one")
        yield from _block(examples[key])
        yield from _table(section.schema, below, schema.get("$defs", {}))


def _found(schema: JsonSchema) -> dict[str, Section]:
    """Return class -> section, in the order of the file; a shared class has its first place."""
    known = schema.get("$defs", {})
    found: dict[str, Section] = {}

    def walk(part: JsonSchema, path: str, system: str) -> None:
        for key, rule in part.get("properties", {}).items():
            place = f"{path}.{key}".removeprefix(".")
            for name in _classes(rule):
                if name in found or "properties" not in known[name]:
                    continue
                variant = _PARAMETERS.get(name) or _name(known[name])
                below = variant if place == "model" else system
                found[name] = Section(path=place, variant=variant, system=below, schema=known[name])
                walk(known[name], place, below)

    walk(schema, "", "")
    places = Counter((section.path, section.variant) for section in found.values())
    return {
        name: section if places[section.path, section.variant] > 1 else replace(section, system="")
        for name, section in found.items()
    }


def _name(schema: JsonSchema) -> str:
    """Return the only ``name`` that a section can have, "" where it has none or any."""
    return str(schema["properties"].get("name", {}).get("const", ""))


def _classes(rule: object) -> Iterator[str]:
    """Yield the names of the classes that a value may be or hold."""
    if isinstance(rule, Mapping):
        if "$ref" in rule:
            yield rule["$ref"].rsplit("/", 1)[1]
        for part in rule.values():
            yield from _classes(part)
    elif isinstance(rule, list):
        for part in rule:
            yield from _classes(part)


def _table(
    schema: JsonSchema, sections: Mapping[str, Section], known: Mapping[str, JsonSchema]
) -> Iterator[str]:
    def link(name: str) -> str:
        if name in sections:
            return sections[name].link
        return ", ".join(f"`{choice}`" for choice in known[name]["enum"])

    yield from ["| key | value | default |", "|---|---|---|"]
    for key, rule in schema["properties"].items():
        if key == "name" and _name(schema):
            continue  # the heading and the example show it
        of_sections = [sections[name].schema for name in _classes(rule) if name in sections]
        default = "required" if key in schema.get("required", ()) else ""
        if not default and "default" in rule:
            default = _default(rule["default"], of_sections)
        yield f"| `{key}` | {_as_yaml(words_of(rule, link))} | {default} |"
    yield ""


def _default(value: object, sections: Sequence[JsonSchema]) -> str:
    """Return a default as YAML; of a section only what differs from the section's own defaults."""
    if not isinstance(value, Mapping) or not sections:
        return f"`{_inline(value)}`"
    name = value.get("name")
    chosen = next(section for section in sections if _name(section) in ("", name))
    rules = chosen["properties"]
    changed = {key: each for key, each in value.items() if each != rules[key].get("default", each)}
    parts = [f"`{name}`"] if _name(chosen) else []
    parts += [f"`{_inline(changed)}`"] if changed else []
    return " with ".join(parts) or "as in the section"


def _as_yaml(words: str) -> str:
    """Return words with their quoted texts as YAML writes them, mostly without quotes."""
    return _JSON_TEXT.sub(lambda text: f"`{_inline(json.loads(text[1]))}`", words)


def _inline(value: object) -> str:
    """Return a value as YAML in one line."""
    text = yaml.safe_dump(value, default_flow_style=True, width=sys.maxsize, sort_keys=False)
    return text.removesuffix("...\n").strip().replace("|", "\\|")
