"""``sugrm-search options``: which systems, sections and options there are."""

from typing import TYPE_CHECKING, Annotated

import typer

from search.cli.display.output import say

if TYPE_CHECKING:
    from search.space.listing import SectionText

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
            help="System (sugrm), section (training, model.text), option (model.width), loss, "
            "label generator or preset.",
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

    Without NAME the systems, losses, label generators, presets and sections are listed. Every
    option is set in a space below experiment, or with --set experiment.OPTION=VALUE.
    """
    from search.cli.display.options_view import details, overview
    from search.space.listing import list_sections
    from sugrm.config.registry import load_installed, load_plugins

    load_installed()
    load_plugins(plugins or ())
    sections = list_sections()
    lines = list(overview(sections) if name is None else details(name, sections))
    if name is not None and not lines:
        raise _unknown(name, sections)
    for line in lines:
        say(line)


def _unknown(name: str, sections: "list[SectionText]") -> typer.BadParameter:
    from search.space.findings import nearest
    from search.space.options import experiment_options, nearest_option
    from sugrm.config import PRESETS
    from sugrm.config.sections.objective import LOSSES_ABOUT

    systems = [each.variant for each in sections if each.path == "model"]
    known = {each.variant for each in sections} | {each.path for each in sections}
    known |= {*PRESETS, *LOSSES_ABOUT, *experiment_options()}
    wanted = name.removeprefix("experiment.")
    near = nearest(wanted, sorted(known - {""})) or nearest_option(wanted)
    meant = f"; did you mean {near}? Expected" if near else "; expected"
    return typer.BadParameter(
        f"there is no system, section, option, loss, label generator or preset {name[:40]!r}"
        f"{meant} one of the systems {', '.join(systems)}, a section as training, or an "
        "option as model.width",
        param_hint="'NAME'",
    )
