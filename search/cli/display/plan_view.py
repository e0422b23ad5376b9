"""The lines that show a plan before anything runs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.cli.display.wording import counted
from search.plan import Cell, Plan, build_plan
from search.space.configurations import MOST_LISTED
from search.space.texts import SEARCH_PLACE, texts_in_use
from sugrm.config.sections.data import MODALITY_FILES, TABLE_ENDINGS
from sugrm.types import Modality

if TYPE_CHECKING:
    from search.space import Space


def lines_before_run(space: "Space", data: Sequence[str]) -> Iterator[str]:
    """Yield what a space will run and what that needs.

    Args:
        space: the checked space.
        data: the values of ``--data``; those that no trial reads are named.
    """
    plan = build_plan(space)
    yield from plan_lines(plan)
    yield from baseline_lines(space, plan)
    yield from seed_lines(plan)
    yield from input_lines(space, plan)
    yield from unused_data_lines(plan, data)


def input_lines(space: "Space", plan: Plan) -> Iterator[str]:
    """Yield what the trials of ``plan`` need: data and whether it exists, encoder, budget."""
    if space.data.dataset == "synthetic":
        yield "  data: synthetic, made here"
    else:
        for alignment in plan.alignments:
            yield f"  data: {space.data.description.name}, {alignment}, {_file(space, alignment)}"
        if space.data.exclude is not None:
            yield f"  data left out: the texts of {_existing(space.data.exclude.texts_of)}"
    yield f"  text encoder: {_encoder(space, plan)}"
    limits = {name: limit for name, limit in space.budget.model_dump().items() if limit}
    if limits:
        yield "  budget in all: " + ", ".join(f"{limit:g} {name}" for name, limit in limits.items())


def _encoder(space: "Space", plan: Plan) -> str:
    if space.data.text_source == "features":
        return "none, the data's text features are read"
    uses = texts_in_use(space)
    models = [use.config.model for use in uses if plan.search_trials or use.place != SEARCH_PLACE]
    names = dict.fromkeys(model.text.name for model in models if Modality.TEXT in model.streams)
    if not names:
        return "none, no model reads text"
    is_sure = (
        space.data.dataset == "synthetic"
        or space.data.text_source is not None
        or all(_is_table(space, alignment) for alignment in plan.alignments)
    )
    return ", ".join(names) + ("" if is_sure else ", unless the data hold text features alone")


def _is_table(space: "Space", alignment: str) -> bool:
    """Return whether the text is a table by its name: it holds words, not text features."""
    named = space.data.named_files(alignment)
    path = named.get("text", named.get(alignment, ""))
    return "text" in named or Path(path).suffix.lower() in TABLE_ENDINGS


def unused_data_lines(plan: Plan, given: Sequence[str]) -> Iterator[str]:
    """Yield a line for each ``--data NAME=PATH`` of ``given`` that no trial reads."""
    for each in given:
        alignment, equals, _ = each.partition("=")
        read = "unaligned" if alignment in MODALITY_FILES else alignment
        if equals and read in ("aligned", "unaligned") and read not in plan.alignments:
            advice = "; add --set experiment.alignment=aligned" if read == "aligned" else ""
            yield f"  warning: --data {each} is not used: no trial reads {read} data{advice}"


def _file(space: "Space", alignment: str) -> str:
    """Return the files of an alignment, and which of them do not exist."""
    named = space.data.named_files(alignment)
    if not named:
        return f"no file (--data {alignment}=PATH)"
    return ", ".join(
        _existing(path) if name == alignment else f"{name} {_existing(path)}"
        for name, path in named.items()
    )


def _existing(path: str) -> str:
    try:
        found = Path(path).expanduser().exists()
    except OSError:  # a name that no file can have
        found = False
    return path if found else f"{path} (no such file)"


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield the lines that describe ``plan``."""
    yield f"{plan.name}: at most {counted(plan.total, 'trial')}, {counted(plan.epochs, 'epoch')}"
    if plan.search_trials:
        epochs = f"up to {counted(plan.search_epochs, 'epoch')} each"
        yield f"  search: {_search(plan)}, {epochs}{_configurations(plan)}"
    if plan.confirm_runs:
        seeds = _seeds(plan.confirm_seeds)
        best = min(plan.confirm_top, plan.search_trials)
        yield f"  confirm: the best {best} of the search, {seeds}"
    for group, cells in groupby(plan.cells, key=lambda cell: cell.group):
        members = list(cells)
        yield f"  ablation {group}: {counted(len(members), 'cell')}, {_seeds(plan.seeds)}"
        yield from (_cell(cell) for cell in members)


def baseline_lines(space: "Space", plan: Plan) -> Iterator[str]:
    """Yield a line for each ablation that names no baseline: the first cell serves as one.

    An ablation of one cell, as the command that repeats a trial has it, compares nothing.
    Reports compare with the same cell (``reports.results.seed_groups.baseline_of``).
    """
    for group, members in groupby(plan.cells, key=lambda cell: cell.group):
        cells = list(members)
        named = space.baselines.get(group, "baseline")
        if len(cells) > 1 and all(cell.changes and cell.name != named for cell in cells):
            yield (
                f"  note: ablation {group} compares its cells with {cells[0].name}, the first: "
                "all have changes; add a cell baseline: {}, or name one in baselines"
            )


def seed_lines(plan: Plan) -> Iterator[str]:
    """Yield a line if the seeds are too few for any test of an ablation to show a difference."""
    from reports.statistics import ALPHA, smallest_p, smallest_pairs  # numpy, needed here only

    cells = Counter(cell.group for cell in plan.cells if cell.runnable)
    seeds = len(plan.seeds)
    if max(cells.values(), default=0) > 1 and smallest_p(seeds) > ALPHA:
        level = f"{ALPHA:g}".lstrip("0")
        yield (
            f"  note: with {counted(seeds, 'seed')} no paired test of an ablation can give "
            f"p < {level}; {smallest_pairs()} seeds are the fewest, and many cells need more: "
            "--set 'seeds=[...]'"
        )


def _search(plan: Plan) -> str:
    if len(plan.search_seeds) == 1:
        return counted(plan.search_trials, "trial")
    configurations = counted(plan.search_trials, "configuration")
    rule = "" if plan.give_up == "none" else f" (give_up: {plan.give_up})"
    return (
        f"{configurations}, {_seeds(plan.search_seeds)}: at most "
        f"{counted(plan.search_runs, 'trial')}{rule}"
    )


def _configurations(plan: Plan) -> str:
    if plan.configurations is None:
        return ""
    most = "at most " if plan.configurations > MOST_LISTED else ""
    return f"; the space holds {most}{counted(plan.configurations, 'configuration')}"


def _seeds(seeds: tuple[int, ...]) -> str:
    noun = "seed" if len(seeds) == 1 else "seeds"
    return f"{noun} {', '.join(map(str, seeds))}"


def _cell(cell: Cell) -> str:
    note = "" if cell.runnable else f"  not run: no {cell.alignment} data (--data)"
    return f"    {cell.name}: {_changes(cell.changes)}{note}"


def _changes(changes: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in changes.items()) or "the fixed values"
