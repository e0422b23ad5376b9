"""The model files that a run kept, and the line of Python that loads one."""

from collections.abc import Iterator, Mapping
from shlex import quote

from reports.content.table import Cell, Column, Missing, Note, Number, Style, Table, Text
from reports.ledger.places.storage import Place, in_object_store
from reports.ledger.reading.load import Results
from reports.ledger.schema import SEARCH
from reports.ledger.trials import Trial
from reports.results.confirmation import confirmation_of
from reports.results.seed_groups import SeedGroup, ablation_cells

_COLUMNS = (
    Column("of", "trained as", is_text=True),
    Column("seed", "seed"),
    Column("file", "file", is_text=True),
)


def models(results: Results) -> tuple[Table, ...]:
    """Return the table of files, the chosen configuration's first; none if none is kept."""
    kept = results.kept_models()
    if not kept:
        return ()
    names = purposes(results)
    places = {key: place for place, key in enumerate(names)}
    keys = sorted(kept, key=lambda key: (places.get(key, len(names)), key))
    table = Table(
        name="models",
        title="Kept models",
        columns=_COLUMNS,
        rows=tuple(_row(results.trials.get(key), names.get(key), file=kept[key]) for key in keys),
        notes=tuple(_notes(results, kept, first=kept[keys[0]])),
        is_whole=True,
    )
    return (table,)


def _row(trial: Trial | None, name: str | None, *, file: Place) -> tuple[Cell, ...]:
    return (
        Text(name or "not recorded"),
        Missing() if trial is None else Number(trial.seed, Style.INTEGER),
        Text(str(file)),
    )


def purposes(results: Results) -> Mapping[str, str]:
    """Return by key what each trial was trained as, the chosen configuration's trials first."""
    found: dict[str, list[str]] = {}
    for name, setting in _settings(results):
        for trial in setting.trials:
            found.setdefault(trial.key, []).append(name)
    for role in results.roles:
        if role.phase == SEARCH:
            found.setdefault(role.key, []).append(f"search trial {role.number}")
    return {key: ", ".join(dict.fromkeys(names)) for key, names in found.items()}


def _settings(results: Results) -> Iterator[tuple[str, SeedGroup]]:
    """Yield each setting over seeds with its name, the chosen configuration first."""
    confirmation = confirmation_of(results)
    places = range(len(confirmation.configurations))
    for place in sorted(places, key=lambda place: place != confirmation.chosen):
        name = f"confirmed configuration {confirmation.label(place)}"
        yield name, confirmation.configurations[place]
    for configuration in confirmation.earlier:
        yield f"configuration {confirmation.labels[configuration.group]}", configuration
    for group, cells in ablation_cells(results).items():
        yield from ((f"{group}: {cell.cell}", cell) for cell in cells)


def load_line(file: Place) -> str:
    """Return the line of Python that loads a model file."""
    if in_object_store(file):
        return (
            "from search import checkpoint_at; from sugrm import "
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
    if any(trial.key in kept for trial in best.trials):
        yield Note("Export the chosen configuration, with all its seeds:", _export(results))
    without = [str(seed) for seed, trial in sorted(best.finished.items()) if trial.key not in kept]
    if without:
        yield Note(f"No model is kept for seeds {', '.join(without)} of the chosen configuration.")


def _export(results: Results) -> str:
    """Return the shell command that writes the chosen models into a folder."""
    runs = str(results.folder.parent)
    place = "" if runs == "runs" else f" --runs {quote(runs)}"
    return f"sugrm-search export {quote(results.experiment.name)} OUT{place}"
