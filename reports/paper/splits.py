"""Table 6: the utterances in each split of the loaded data, beside the paper's."""

from collections.abc import Iterator, Mapping, Sequence

from reports.content.table import Cell, Column, Missing, Note, Number, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.paper.rows.commands import packaged_command, runs_folder
from reports.paper.rows.grid import NOT_RUN
from reports.paper.rows.layouts import dataset_title
from reports.published.setup import SPLITS, datasets_with_splits, published_splits
from reports.results.corpora import split_sizes

Row = tuple[str, str, tuple[tuple[str, int], ...]]
"""Dataset, alignment and the known sizes by split."""


def splits(runs: Sequence[Results]) -> tuple[Table, ...]:
    """Return Table 6: the sizes for each dataset and alignment that ``runs`` loaded."""
    loaded = _loaded(runs)
    datasets = {dataset for dataset, _, _ in loaded}
    absent = [name for name in datasets_with_splits() if name not in datasets]
    rows = loaded or {(name, "", ()): [] for name in absent}
    table = Table(
        name="paper_table_6",
        title="Table 6 of the paper: utterances in each split",
        columns=(
            Column("dataset", "dataset", is_text=True),
            *(Column(split, split) for split in SPLITS),
            Column("runs", "runs", is_text=True),
        ),
        rows=tuple(line for row, names in rows.items() for line in _lines(row, names)),
        notes=tuple(_notes(absent, bool(loaded), folder=runs_folder(runs))),
        is_whole=True,
    )
    return (table,)


def loaded_datasets(runs: Sequence[Results]) -> set[str]:
    """Return the datasets of which a run has loaded splits of known sizes."""
    return {dataset for dataset, _, _ in _loaded(runs)}


def _loaded(runs: Sequence[Results]) -> dict[Row, list[str]]:
    """Return the names of the runs for each row, the paper's datasets first."""
    found: dict[Row, list[str]] = {}
    for results in runs:
        for (alignment, _), sizes in split_sizes(results).items():
            row = (results.experiment.dataset, alignment, tuple(sorted(sizes.items())))
            names = found.setdefault(row, [])
            if sizes and results.experiment.name not in names:
                names.append(results.experiment.name)
    known = datasets_with_splits()
    order = sorted(
        (row for row, names in found.items() if names and row[0]),
        key=lambda row: (known.index(row[0]) if row[0] in known else len(known), row[0], row[1]),
    )
    return {row: found[row] for row in order}


def _lines(row: Row, names: Sequence[str]) -> Iterator[tuple[Cell, ...]]:
    """Yield what was loaded, what the paper has, and the difference."""
    dataset, alignment, known = row
    ours, theirs = dict(known), published_splits(dataset)
    gap = Missing("not recorded" if ours else NOT_RUN)
    label = ", ".join(filter(None, (dataset_title(dataset), alignment)))
    yield Text(label), *_cells(ours, gap), Text(", ".join(names))
    if theirs:
        yield Text("  paper"), *_cells(theirs, Missing()), Missing("")
    if ours and theirs:
        gaps = {split: ours[split] - theirs[split] for split in SPLITS if split in ours}
        yield Text("  difference"), *_cells(gaps, Missing(), signed=True), Missing("")


def _cells(sizes: Mapping[str, int], gap: Missing, *, signed: bool = False) -> Iterator[Cell]:
    for split in SPLITS:
        size = sizes.get(split)
        yield gap if size is None else Number(size, Style.INTEGER, signed=signed)


def _notes(absent: Sequence[str], any_loaded: bool, *, folder: str) -> Iterator[Note]:
    yield Note(
        "Utterances that the trials of the runs read. Difference: loaded - the paper's. For data "
        "of other sizes no table shows a published value."
    )
    for dataset in absent:
        left_out = "is left out: no run has loaded it" if any_loaded else "has not been loaded"
        yield Note(
            f"{dataset_title(dataset)} {left_out}. Load it with:",
            packaged_command("6", dataset, runs=folder),
        )
