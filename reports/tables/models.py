"""The model files that a run kept, and the line of Python that loads one."""

from collections.abc import Iterator, Mapping

from reports.content.table import Column, Missing, Note, Number, Style, Table, Text
from reports.ledger.places.storage import Place, in_object_store
from reports.ledger.reading.load import Results
from reports.ledger.schema import SEARCH
from reports.results.confirmation import confirmation_of
from reports.results.seed_groups import ablation_cells

CHECKPOINTS, MODEL_FILE = "checkpoints", "best.pt"


def models(results: Results) -> tuple[Table, ...]:
    """Return the table of files, the chosen configuration's first; none if none is kept."""
    kept = {path.parent.name: path for path in _files(results)}
    if not kept:
        return ()
    names = _names(results)
    places = {key: place for place, key in enumerate(names)}
    keys = sorted(kept, key=lambda key: (places.get(key, len(names)), key))
    rows = []
    for key in keys:
        trial = results.trials.get(key)
        rows.append(
            (
                Text(names.get(key, "not recorded")),
                Missing() if trial is None else Number(trial.seed, Style.INTEGER),
                Text(str(kept[key])),
            )
        )
    table = Table(
        name="models",
        title="Kept models",
        columns=(
            Column("of", "trained as", is_text=True),
            Column("seed", "seed"),
            Column("file", "file", is_text=True),
        ),
        rows=tuple(rows),
        notes=tuple(_notes(results, kept, first=kept[keys[0]])),
        is_whole=True,
    )
    return (table,)


def _files(results: Results) -> Iterator[Place]:
    folder = results.folder / CHECKPOINTS
    if folder.is_dir():
        yield from folder.glob(f"*/{MODEL_FILE}")


def _names(results: Results) -> Mapping[str, str]:
    """Return by key the purposes of each trial, the chosen configuration's trials first."""
    found: dict[str, list[str]] = {}
    confirmation = confirmation_of(results)
    places = range(len(confirmation.configurations))
    for place in sorted(places, key=lambda place: place != confirmation.chosen):
        configuration = confirmation.configurations[place]
        for _, trial in sorted(configuration.finished.items()):
            label = f"confirmed configuration {confirmation.label(place)}"
            found.setdefault(trial.key, []).append(label)
    for configuration in confirmation.earlier:
        for _, trial in sorted(configuration.finished.items()):
            label = f"configuration {confirmation.labels[configuration.group]}"
            found.setdefault(trial.key, []).append(label)
    for group, cells in ablation_cells(results).items():
        for cell in cells:
            for _, trial in sorted(cell.finished.items()):
                found.setdefault(trial.key, []).append(f"{group}: {cell.cell}")
    for role in results.roles:
        if role.phase == SEARCH:
            found.setdefault(role.key, []).append(f"search trial {role.number}")
    return {key: ", ".join(dict.fromkeys(names)) for key, names in found.items()}


def load_line(file: Place) -> str:
    """Return the line of Python that loads a model file."""
    if in_object_store(file):
        return (
            "from search.tune.worker.checkpoint_store import checkpoint_at; from sugrm import "
            f"load_trained; model = load_trained(checkpoint_at({str(file.parent)!r})).model"
        )
    return f"from sugrm import load_trained; model = load_trained({str(file)!r}).model"


def _notes(results: Results, kept: Mapping[str, Place], *, first: Place) -> Iterator[Note]:
    yield Note(
        "Each file holds a model at its best epoch on validation; the key checkpoints of the space "
        "sets which are kept (docs/faults.md). Load the first in Python with:",
        load_line(first),
    )
    best = confirmation_of(results).best
    if best is None:
        return
    without = [str(seed) for seed, trial in sorted(best.finished.items()) if trial.key not in kept]
    if without:
        yield Note(f"No model is kept for seeds {', '.join(without)} of the chosen configuration.")
