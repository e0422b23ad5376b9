"""Repairing a ledger that a killed driver or a damaged disk left behind."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from reports.ledger.part import MERGED, DamagedPartError
from reports.ledger.places.storage import Place, each
from reports.ledger.trials import Trial, choose, trials_in
from search.ledger.damage import set_aside
from search.ledger.part_folder import PartFolder
from search.ledger.rows import generates_labels

CHECKED: Mapping[str, Sequence[str] | None] = {
    "labels": ("key", "epoch", "task"),
    "predictions": ("key", "split"),
}
"""The columns of large tables whose values are checked to find damaged parts; all columns of other
tables are checked. The checksum of a part covers all columns in any case."""
OF_A_TRIAL = ("epochs", "labels", "predictions")
"""Tables whose unmerged parts have the key of their trial for a name."""
Tables = Mapping[str, PartFolder]
_NAMED_IN_ROW = ("key", "status", "epochs", "config", "data_left_out")
"""The columns that say which rows of other tables a trial needs."""


def recover(folder: Place, tables: Tables) -> Iterator[str]:
    """Make the tables of a run consistent; yield a line for each part that was set aside.

    Afterwards every row of every table belongs to a trial whose row and epochs are all readable.
    """
    for table in tables.values():
        table.remove_temporary()
    lost_labels, lost = False, set()
    for name, table in tables.items():
        for path, line in set_aside_damaged(folder, table, columns=CHECKED.get(name)):
            if name in OF_A_TRIAL and MERGED not in path.name:
                # A trial without its epochs is incomplete, also if the driver is killed right here.
                tables["epochs"].path(path.stem).unlink(missing_ok=True)
                lost.add(path.stem)
            lost_labels = lost_labels or name == "labels"
            yield f"{line}, and what it held runs again"
    held = {name: tables[name].read_keys(["key"]) for name in OF_A_TRIAL}
    rows = trials_in(tables["trials"].read_all(_NAMED_IN_ROW))
    complete = complete_keys(rows, held, with_labels=lost_labels) - lost
    for table in tables.values():
        _drop_others(table, complete)


def whole_trials(tables: Tables) -> dict[str, Trial]:
    """Return the trials that ``recover`` would keep, by key; nothing is changed.

    Trials are read first: a run at work writes their rows last, so what a row names is there.
    """
    trials = list(trials_in(tables["trials"].read_all()))
    held, lost = {}, set[str]()
    for name in OF_A_TRIAL:
        table = tables[name]
        held[name] = table.read_keys(CHECKED.get(name))
        if table.damaged:
            lost |= {path.stem for path in table.paths() if MERGED not in path.name} - held[name]
    complete = complete_keys(trials, held, with_labels=bool(tables["labels"].damaged)) - lost
    return {key: trial for key, trial in choose(trials).items() if key in complete}


def set_aside_damaged(
    run: Place, table: PartFolder, *, columns: Sequence[str] | None
) -> Iterator[tuple[Place, str]]:
    """Move each damaged part to ``damaged``; yield its path and a line about it.

    Args:
        run: the run folder.
        table: the table whose parts are checked.
        columns: the columns whose values must follow the rules; all when None.
    """
    paths = table.paths()
    found = each(lambda path: _damage(table, path, columns=columns), paths)
    for path, error in zip(paths, found, strict=True):
        if error is not None:
            yield path, set_aside(run, path, why=str(error))


def _damage(
    table: PartFolder, path: Place, *, columns: Sequence[str] | None
) -> DamagedPartError | None:
    """Return why a part cannot be read; an object store that does not answer is no damage."""
    try:
        table.check(path, columns)
    except DamagedPartError as error:
        return error
    return None


def complete_keys(
    trials: Iterable[Trial], held: Mapping[str, Collection[str]], *, with_labels: bool
) -> set[str]:
    """Return the keys of trials with the epochs and predictions that their row names.

    A row of a published copy names neither predictions nor labels.

    Args:
        trials: every row of ``trials``.
        held: for each table ``OF_A_TRIAL`` the keys of the trials that it has rows of.
        with_labels: whether a finished trial that generates labels must have some.
    """
    return {
        trial.key
        for trial in trials
        if (not trial.epochs or trial.key in held["epochs"])
        and (not _has_data(trial) or trial.key in held["predictions"])
        and (
            not with_labels
            or not _has_data(trial)
            or trial.key in held["labels"]
            or not generates_labels(trial.config)
        )
    }


def _has_data(trial: Trial) -> bool:
    """Return whether predictions of a trial, and labels if it generates some, must be there."""
    return trial.has_finished and not trial.data_left_out


def _drop_others(table: PartFolder, keys: set[str]) -> None:
    """Drop the rows of other keys, which a killed driver left without a complete trial."""
    wanted = pa.array(sorted(keys), pa.string())
    paths = table.paths()
    for path, part in zip(paths, each(lambda path: table.read(path, ["key"]), paths), strict=True):
        held = part["key"]
        kept = pc.is_in(held, value_set=wanted)
        if pc.all(kept).as_py() is False:
            if pc.any(kept).as_py():
                table.replace([path], iter([table.read(path).filter(kept)]))
            else:
                path.unlink()
