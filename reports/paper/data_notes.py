"""Notes on the trials that fill the rows of one dataset: their data, text encoders and devices."""

import json
from collections.abc import Iterator, Mapping, Sequence

from reports.content.table import Note
from reports.paper.rows.grid import Grid
from reports.paper.rows.layouts import dataset_title
from reports.paper.rows.sources import Source
from reports.results.hardware import hardware_notes
from reports.results.seed_groups import SeedGroup


def data_notes(grid: Grid, dataset: str) -> Iterator[Note]:
    """Yield how the trials differ that the rows of ``dataset`` compare."""
    used = [(row, source) for name, row, source in grid.used() if name == dataset]
    yield from _unpublished(used)
    yield from _mixtures(dataset_title(dataset), used)
    yield from _data(dataset_title(dataset), grid.rows_by_data(dataset))
    yield from _others(grid, dataset)


def _mixtures(dataset: str, used: Sequence[tuple[str, Source]]) -> Iterator[Note]:
    """Yield how the trials of one dataset differ although the table compares them."""
    yield from _encoders(dataset, used)
    rows = {row: source.cell.finished.values() for row, source in used}
    yield from hardware_notes(rows, start=f"Attention, {dataset}")
    superseded = sum(source.cell.superseded for _, source in used)
    if superseded:
        yield Note(f"{dataset}: left out {superseded} trials of earlier versions of the space.")


def _unpublished(used: Sequence[tuple[str, Source]]) -> Iterator[Note]:
    """Yield why no published values are shown for the rows of a dataset."""
    read = [source.data for _, source in used]
    whys = dict.fromkeys(data.why_unpublished for data in read if data is not None)
    yield from (Note(why) for why in whys if why)


def _data(dataset: str, rows: Mapping[str, Sequence[str]]) -> Iterator[Note]:
    """Yield which rows of a dataset read which data, if they differ."""
    if len(rows) > 1:
        listed = "; ".join(f"{', '.join(some)} on {data[:8]}" for data, some in rows.items())
        yield Note(
            f"Attention, {dataset}: the rows read different data and are not compared with each "
            f"other; best and better apply within one file. By fingerprint: {listed}."
        )


def _encoders(dataset: str, used: Sequence[tuple[str, Source]]) -> Iterator[Note]:
    """Yield which text encoder the rows of a dataset use; rows without one are not named."""
    encoders: dict[str, list[str]] = {}
    for row, source in used:
        if name := _encoder(source.cell):
            encoders.setdefault(name, []).append(row)
    if used and not encoders:
        yield Note(f"{dataset}: no text encoder was used in our rows.")
    if len(encoders) == 1:
        yield Note(f"{dataset}: text encoder of our rows: {', '.join(encoders)}.")
    elif encoders:
        usual = max(encoders, key=lambda name: len(encoders[name]))
        others = [f"{name}: {', '.join(encoders[name])}" for name in encoders if name != usual]
        yield Note(
            f"Attention, {dataset}: the rows differ in their text encoder. {'; '.join(others)}. "
            f"The others: {usual}."
        )


def _encoder(cell: SeedGroup) -> str:
    trial = next(iter(cell.finished.values()))
    config = json.loads(trial.config)
    if trial.encoder_fingerprint == "":  # no encoder ran: there is no text, or features of it
        return ""
    text = (config.get("model") or {}).get("text") or {}
    return f"{text.get('name', 'not recorded')}{'' if text.get('finetune', True) else ' (frozen)'}"


def _others(grid: Grid, dataset: str) -> Iterator[Note]:
    """Yield the cells that are left out because another one fills the same row."""
    names = []
    for row in grid.rows:
        sources = grid.sources.get((dataset, row), ())
        names += [
            f"{row} of {other.name} ({len(other.cell.finished)} / {len(other.cell.planned)} seeds)"
            for other in sources[1:]
            if not other.keys <= sources[0].keys
        ]
    if names:
        yield Note(
            f"{dataset_title(dataset)}: if several cells fit a row, the newest one with all its "
            f"planned seeds is used, else the newest. Left out: {'; '.join(names)}."
        )
