"""In which settings our rows differ from those that the paper's rows have in the packaged spaces.

A row that trained for 3 epochs, or with a smaller text encoder, must not pass for the system that
the paper names.
"""

import json
from collections.abc import Iterator, Mapping

from reports.paper.forms import dataset_title
from reports.paper.grid import Grid
from reports.paper.sources import Source
from reports.published.rows import row_settings
from reports.table import Note
from reports.tables.leaderboard import option_value

Settings = Mapping[str, str]
"""Option, without its section, and value, in words."""


def other_settings(grid: Grid, dataset: str, row: str) -> Settings:
    """Return the options of a row that has run whose values its system's preset does not have.

    Only options that both have are compared: a ledger of an older version lacks newer ones.
    """
    source = grid.source(dataset, row)
    usual = row_settings(grid.form.number, grid.space_dataset(dataset), row)
    if source is None or not source.cell.finished:
        return {}
    return dict(_differing(source, usual))


def _differing(source: Source, usual: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    config = json.loads(next(iter(source.cell.finished.values())).config)
    for option, value in usual.items():
        own = option_value(config, option)
        if _is_plain(own) and own != value:
            yield _short(option), own if isinstance(own, str) else json.dumps(own)


def _is_plain(value: object) -> bool:
    """Return whether it is an option's value, which neither a section nor an absent option is."""
    return value is None or isinstance(value, str | int | float | list)


def _short(option: str) -> str:
    """Return ``text`` for ``model.text.name``, ``max_epochs`` for ``training.max_epochs``."""
    named = option.removesuffix(".name")
    return named.partition(".")[2] or named


def settings_notes(grid: Grid) -> Iterator[Note]:
    """Yield for each dataset what is other in all its rows, and what in some."""
    for dataset in grid.filled:
        rows = {
            row: other_settings(grid, dataset, row)
            for row in grid.rows
            if grid.has_run(dataset, row)
        }
        first, *others = rows.values()
        shared = {
            option: value
            for option, value in first.items()
            if all(other.get(option) == value for other in others)
        }
        parts = [("every row", shared)] if shared else []
        parts += [
            (row, own)
            for row, settings in rows.items()
            if (own := {name: value for name, value in settings.items() if name not in shared})
        ]
        if parts:
            listed = "; ".join(f"{what}: {in_words(settings)}" for what, settings in parts)
            yield Note(
                f"{dataset_title(dataset)}: settings that are not those of the systems' presets "
                f"in the packaged spaces. {listed}."
            )


def in_words(settings: Settings) -> str:
    """Return settings as a list: ``text minilm, max_epochs 3``."""
    return ", ".join(f"{option} {value}" for option, value in settings.items())
