"""Notes on tables whose trials ran on different kinds of device or in different precisions.

A trial's key holds neither, so a table may set a CPU's float32 beside a GPU's bfloat16.
"""

from collections.abc import Iterable, Iterator, Mapping

from reports.content.shortened import shortened_list
from reports.content.table import Note
from reports.ledger.trials import Trial

Rows = Mapping[str, Iterable[Trial]]
"""The trials of each row of a table, by the row's label."""


def hardware_notes(
    rows: Rows, *, what: str = "the rows", start: str = "Attention"
) -> Iterator[Note]:
    """Yield which rows were computed on which device and precision, if these differ.

    Ledgers of older versions record no precision; then the devices alone are compared.

    Args:
        rows: trials of each row, by the row's label.
        what: noun for the rows, with its article.
        start: first words of the note.
    """
    trials = {label: list(some) for label, some in rows.items()}
    every = [trial for some in trials.values() for trial in some]
    devices = {device_of(trial) for trial in every} - {""}
    precisions = {trial.precision for trial in every} - {None}
    if len(devices) < 2 and len(precisions) < 2:
        return
    kinds = sorted({hardware_of(trial) for trial in every} - {""})
    noun = what.removeprefix("the ")
    listed = "; ".join(f"{kind}: {shortened_list(list(_on(kind, trials)), noun)}" for kind in kinds)
    yield Note(
        f"{start}: {what} were run on {' and '.join(kinds)}, whose rounding differs. {listed}."
    )


def device_of(trial: Trial) -> str:
    """Return the kind of device of a trial, ``cpu`` or ``cuda``; "" where it is not recorded."""
    return str(trial.device or "").partition(":")[0]


def hardware_of(trial: Trial) -> str:
    """Return device and precision, as far as they are recorded: ``cuda bfloat16``."""
    return " ".join(filter(None, (device_of(trial), trial.precision)))


def _on(kind: str, rows: Mapping[str, list[Trial]]) -> Iterator[str]:
    """Yield the rows with a trial of a kind, with the seeds where only some of theirs are."""
    for label, trials in rows.items():
        seeds = sorted(trial.seed for trial in trials if hardware_of(trial) == kind)
        if len(seeds) == len(trials) and seeds:
            yield label
        elif seeds:
            yield f"{label} ({shortened_list(seeds, 'seeds', named=True)})"
