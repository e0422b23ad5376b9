"""Table 7: the paper's hyper-parameters beside those that the search found."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence

from reports.content.table import Cell, Column, Missing, Note, Table, Text
from reports.ledger.reading.load import Results
from reports.paper.rows.best_configurations import BestConfiguration, Value, best_configurations
from reports.paper.rows.commands import packaged_command, runs_folder
from reports.paper.rows.grid import NOT_RUN
from reports.paper.rows.layouts import dataset_title
from reports.published.setup import PublishedSetting, published_settings
from reports.published.streams import left_out_streams
from reports.tables.leaderboard import value_cell


def hyperparameters(runs: Sequence[Results]) -> tuple[Table, ...]:
    """Return Table 7 with the newest chosen configuration of ``runs`` on each dataset."""
    settings = published_settings()
    found = best_configurations(runs)
    published = tuple(settings[0].values)
    datasets = [name for name in published if name in found] + sorted(found.keys() - set(published))
    shown = datasets or list(published)
    table = Table(
        name="paper_table_7",
        title="Table 7 of the paper: hyper-parameters of SUGRM",
        columns=tuple(_columns(shown)),
        rows=tuple(tuple(_row(setting, shown, found=found)) for setting in settings),
        notes=tuple(
            _notes(shown, published, found=found, settings=settings, folder=runs_folder(runs))
        ),
        folds=True,
        is_whole=True,
    )
    return (table,)


def _columns(shown: Sequence[str]) -> Iterator[Column]:
    yield Column("setting", "setting", is_text=True)
    for dataset in shown:
        group = dataset_title(dataset)
        yield Column(f"{dataset}_published", "paper", group=group)
        yield Column(f"{dataset}_found", "found", group=group)
        yield Column(f"{dataset}_differs", "differs", group=group)
    yield Column("option", "option", is_text=True)


def _row(
    setting: PublishedSetting,
    shown: Sequence[str],
    *,
    found: Mapping[str, tuple[BestConfiguration, ...]],
) -> Iterator[Cell]:
    yield Text(setting.label)
    for dataset in shown:
        yield from _cells(setting, dataset, found=found.get(dataset))
    yield Text(" or ".join(setting.options))


def _cells(
    setting: PublishedSetting, dataset: str, *, found: tuple[BestConfiguration, ...] | None
) -> Iterator[Cell]:
    theirs = setting.values.get(dataset)
    ours = found[0].value(setting) if found else None
    yield Missing() if theirs is None else value_cell(theirs)
    if not found:
        yield Missing(NOT_RUN)
    else:
        yield Missing("no such part") if ours is None else value_cell(ours)
    if theirs is None or not found:
        yield Missing()
    else:
        yield Text("no" if ours is not None and _equal(ours, theirs) else "yes")


def _equal(ours: Value, theirs: Value) -> bool:
    if isinstance(ours, str) or isinstance(theirs, str):
        return ours == theirs
    return math.isclose(ours, theirs, rel_tol=1e-9)


def _notes(
    shown: Sequence[str],
    published: Sequence[str],
    *,
    found: Mapping[str, tuple[BestConfiguration, ...]],
    settings: Sequence[PublishedSetting],
    folder: str,
) -> Iterator[Note]:
    yield Note(
        "Found: the confirmed configuration with the best mean of the objective on validation. The "
        "paper prints one learning rate for all parts but BERT; here it is that of SPT too."
    )
    for dataset in shown:
        for one in found.get(dataset, ())[:1]:
            yield from _of_one(dataset_title(dataset), one, settings=settings)
        others = [one.results.experiment.name for one in found.get(dataset, ())[1:]]
        if others:
            names = ", ".join(others)
            yield Note(f"{dataset_title(dataset)}: the newest is used; left out: {names}.")
    for dataset in published:
        if dataset not in found:
            yield Note(
                f"{dataset_title(dataset)}: no run has confirmed a configuration of SUGRM. Find "
                "one with:",
                packaged_command("7", dataset, runs=folder),
            )


def _of_one(
    title: str, found: BestConfiguration, *, settings: Sequence[PublishedSetting]
) -> Iterator[Note]:
    configuration = found.configuration
    seeds = f"{len(configuration.finished)} / {len(configuration.planned)} seeds"
    yield Note(f"{title}: found by the run {found.results.experiment.name}, {seeds}.")
    if streams := left_out_streams(found.newest.config):
        yield Note(f"{title}: it leaves out {', '.join(streams)}, which the paper's SUGRM reads.")
    listed = {option for setting in settings for option in setting.options}
    others = {name: value for name, value in configuration.changes.items() if name not in listed}
    if others:
        values = ", ".join(
            f"{name} = {value if isinstance(value, str) else json.dumps(value)}"
            for name, value in others.items()
        )
        yield Note(f"{title}: it also differs from the fixed values in: {values}.")
