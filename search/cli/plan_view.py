"""How a plan is shown before anything runs."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from search.cli.wording import counted
from search.plan import Cell, Plan


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield the lines that describe ``plan``."""
    yield f"{plan.name}: at most {counted(plan.total, 'trial')}, {counted(plan.epochs, 'epoch')}"
    if plan.search_trials:
        epochs = f"up to {counted(plan.search_epochs, 'epoch')} each"
        yield f"  search: {counted(plan.search_trials, 'trial')}, {epochs}"
    if plan.confirm_runs:
        seeds = _seeds(plan.confirm_seeds)
        yield f"  confirm: the best {plan.confirm_top} of the search, {seeds}"
    for group, cells in groupby(plan.cells, key=lambda cell: cell.group):
        members = list(cells)
        yield f"  ablation {group}: {counted(len(members), 'cell')}, {_seeds(plan.seeds)}"
        yield from (_cell(cell) for cell in members)


def _seeds(seeds: tuple[int, ...]) -> str:
    noun = "seed" if len(seeds) == 1 else "seeds"
    return f"{noun} {', '.join(map(str, seeds))}"


def _cell(cell: Cell) -> str:
    note = "" if cell.runnable else f"  not run: no {cell.alignment} data (--data)"
    return f"    {cell.name}: {_changes(cell.changes)}{note}"


def _changes(changes: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in changes.items()) or "the fixed values"
