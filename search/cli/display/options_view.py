"""What ``sugrm-search options`` prints."""

import json
import shlex
from collections.abc import Iterable, Iterator, Sequence

from search.space.listing import OptionText, SectionText
from sugrm.config import PRESETS
from sugrm.config.merge import flat
from sugrm.config.presets.about import PRESETS_ABOUT
from sugrm.config.sections.objective import LOSSES_ABOUT

_MODEL, _LOSS, _LABELS, _PRESET = "model", "objective.loss", "objective.labels", "preset"
_MORE = "sugrm-search options NAME shows the options of one of them"
_Rows = Sequence[tuple[str, str]]


def overview(sections: Sequence[SectionText]) -> Iterator[str]:
    """Yield one line for each system, loss, label generator, preset and section."""
    yield from _systems(sections)
    losses = [*LOSSES_ABOUT.items(), *_variants(sections, _LOSS)]
    yield from _group(f"losses ({_LOSS}):", losses)
    yield from _group(f"label generators ({_LABELS}.name):", _variants(sections, _LABELS))
    yield from _presets()
    others: dict[str, list[str]] = {}
    for each in sections:
        if each.path not in (_MODEL, _LOSS, _LABELS):
            shown = each.variant or each.summary
            others.setdefault(each.path or "experiment", []).append(shown)
    rows = [(path, ", ".join(dict.fromkeys(about))) for path, about in others.items()]
    yield from _group("sections:", rows)
    yield _MORE


def details(name: str, sections: Sequence[SectionText]) -> Iterator[str]:
    """Yield what a system, section, option, loss or preset is; nothing where there is none."""
    wanted = name.removeprefix("experiment.")
    path = "" if wanted == "experiment" else wanted
    found = [each for each in sections if path in (each.path, each.variant or each.path)]
    if path in (_MODEL, _PRESET):
        yield from _systems(sections) if path == _MODEL else _presets()
        yield _MORE
    elif found:
        yield from _sections(found)
    else:
        yield from _one_option(path, sections)
    if path in LOSSES_ABOUT:
        yield f"{_LOSS} {path}: {LOSSES_ABOUT[path]}"
        yield f"  chosen by --set experiment.{_LOSS}={path}"
    if path in PRESETS:
        yield from _preset(path, is_whole=not found)


def _systems(sections: Sequence[SectionText]) -> Iterator[str]:
    return _group(f"systems ({_MODEL}.name):", _variants(sections, _MODEL))


def _presets() -> Iterator[str]:
    return _group(f"presets ({_PRESET}):", list(PRESETS_ABOUT.items()))


def _variants(sections: Iterable[SectionText], path: str) -> list[tuple[str, str]]:
    return [(each.variant, each.summary) for each in sections if each.path == path]


def _group(title: str, rows: _Rows) -> Iterator[str]:
    width = max((len(name) for name, _ in rows), default=0)
    yield title
    yield from (f"  {name:<{width}}  {about}".rstrip() for name, about in rows)


def _sections(found: Sequence[SectionText]) -> Iterator[str]:
    for section in found:
        yield from _head(section)
        yield from _lines(section.options)
    yield from _how_to_set([option for each in found for option in each.options])


def _head(section: SectionText) -> Iterator[str]:
    yield _title(section)
    for line in section.about.splitlines():
        yield f"  {line}".rstrip()
    if section.variant:
        key = section.path if section.path == _LOSS else f"{section.path}.name"
        yield f"  chosen by --set experiment.{key}={section.variant}"


def _title(section: SectionText) -> str:
    title = " ".join(part for part in (section.path or "experiment", section.variant) if part)
    # The text encoder is a part of every system, so naming them says nothing.
    is_some = section.path.startswith(f"{_MODEL}.") and not section.path.startswith("model.text")
    return f"{title} (of {', '.join(section.systems)})" if is_some else title


def _one_option(name: str, sections: Sequence[SectionText]) -> Iterator[str]:
    held = [(each, option) for each in sections for option in each.options if option.name == name]
    for section, option in held:
        yield from _head(section) if len(held) == 1 else [_title(section)]
        yield from _lines([option])
    yield from _how_to_set([option for _, option in held])


def _lines(options: Sequence[OptionText]) -> Iterator[str]:
    width = max((len(option.name) for option in options), default=0)
    for option in options:
        default = f"; default {option.default}" if option.default else ""
        yield f"  {option.name:<{width}}  {option.allowed}{default}"


def _how_to_set(options: Iterable[OptionText]) -> Iterator[str]:
    """Yield how an option is set, with the first one that has a plain default as the example."""
    plain = [each for each in options if not each.is_section]
    some = next((each for each in plain if each.default not in ("", "null")), None)
    if plain:
        value = "VALUE" if some is None else some.default.strip('"')
        key = (some or plain[0]).name
        words = shlex.quote(f"experiment.{key}={value}")
        yield f"to set one: --set {words}, or below experiment in a space"


def _preset(name: str, *, is_whole: bool) -> Iterator[str]:
    yield f"preset {name}: {PRESETS_ABOUT[name]}"
    if is_whole:
        rows = [(key, json.dumps(value)) for key, value in flat(PRESETS[name])]
        yield from list(_group("", rows))[1:]
    else:
        yield f"  its values: docs/spaces.md, section {name}"
    yield f"  chosen by --set {shlex.quote(f'experiment.preset=[{name}]')}"
