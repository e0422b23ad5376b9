"""``sugrm-search options``: which systems, sections and options there are."""

from typing import TYPE_CHECKING, Annotated

import typer

from search.cli.display.output import say

if TYPE_CHECKING:
    from search.space.option_listing import OptionText, SectionText

EXAMPLES = """\b
Examples:
  sugrm-search options
  sugrm-search options sugrm
  sugrm-search options training.learning_rate
  sugrm-search options late_fusion --plugin examples/late_fusion.py
"""


def options(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="System (sugrm), section (training, model.text) or option (model.width).",
        ),
    ] = None,
    plugins: Annotated[
        list[str] | None,
        typer.Option(
            "--plugin",
            metavar="NAME",
            help="File or module of own systems and losses; its code is executed; repeatable.",
        ),
    ] = None,
) -> None:
    """Show the options of a system or section, and what they allow.

    Without NAME the systems, sections and presets are listed. Every option is set in a space
    below experiment, or with --set experiment.OPTION=VALUE.
    """
    from search.space.option_listing import list_sections
    from sugrm.config.registry import load_installed, load_plugins

    load_installed()
    load_plugins(plugins or ())
    sections = list_sections()
    if name is None:
        _show_all(sections)
        return
    name = name.removeprefix("experiment.")
    found = [each for each in sections if name in (each.variant, each.path)]
    if found:
        for section in found:
            _show(section)
        _say_how_to_set()
        return
    held = [(each, option) for each in sections for option in each.options if option.name == name]
    if not held:
        raise _unknown(name, sections)
    for section, option in held:
        say(_title(section))
        _show_options([option])
    _say_how_to_set()


def _say_how_to_set() -> None:
    say("to set one: below experiment in a space, or --set experiment.OPTION=VALUE")


def _unknown(name: str, sections: "list[SectionText]") -> typer.BadParameter:
    from search.space.findings import nearest

    known = {each.variant for each in sections} | {each.path for each in sections}
    known |= {option.name for each in sections for option in each.options}
    systems = [each.variant for each in sections if each.path == "model"]
    near = nearest(name, sorted(known - {""}))
    meant = f"; did you mean {near}?" if near else ""
    return typer.BadParameter(
        f"there is no system, section or option {name[:40]!r}{meant}; expected one of the systems "
        f"{', '.join(systems)}, a section as training, or an option as model.width",
        param_hint="'NAME'",
    )


def _show_all(sections: "list[SectionText]") -> None:
    from sugrm.config import PRESETS

    say("systems (model.name):")
    for each in sections:
        if each.path == "model":
            say(f"  {each.variant:<12} {each.summary}")
    say("sections:")
    paths: dict[str, list[str]] = {}
    for each in sections:
        if each.path and each.path != "model":
            paths.setdefault(each.path, []).append(each.variant)
    for path, variants in paths.items():
        names = ", ".join(dict.fromkeys(variant for variant in variants if variant))
        say(f"  {path:<30} {names and f'name: {names}'}".rstrip())
    say(f"presets: {', '.join(PRESETS)}")
    say("sugrm-search options NAME shows the options of one of them")


def _title(section: "SectionText") -> str:
    return " ".join(part for part in (section.path or "experiment", section.variant) if part)


def _show(section: "SectionText") -> None:
    say(_title(section))
    for line in section.about.splitlines():
        say(f"  {line}".rstrip())
    _show_options(section.options)


def _show_options(options: "list[OptionText] | tuple[OptionText, ...]") -> None:
    width = max((len(option.name) for option in options), default=0)
    for option in options:
        default = f"; default {option.default}" if option.default else ""
        say(f"  {option.name:<{width}}  {option.allowed}{default}")
