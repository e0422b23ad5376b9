"""Notes on tables whose trials ran on different processors or in different precisions.

A trial's key holds neither, so a table may set a CPU's float32 beside a GPU's bfloat16, or one kind
of CPU beside another, which adds in another order.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from reports.content.shortened import shortened_list
from reports.content.table import Note
from reports.ledger.trials import Trial

Rows = Mapping[str, Iterable[Trial]]
"""The trials of each row of a table, by the row's label."""


def hardware_notes(
    rows: Rows, *, what: str = "the rows", start: str = "Attention"
) -> Iterator[Note]:
    """Yield which rows were computed on which processor and in which precision, if these differ.

    What ledgers of older versions do not record, processor or precision, is not compared.

    Args:
        rows: trials of each row, by the row's label.
        what: noun for the rows, with its article.
        start: first words of the note.
    """
    trials = {label: list(some) for label, some in rows.items()}
    every = [trial for some in trials.values() for trial in some]
    devices = {device_of(trial) for trial in every} - {""}
    precisions = {trial.precision for trial in every} - {None}
    processors = {trial.processor for trial in every} - {None}
    if len(devices) < 2 and len(precisions) < 2 and len(processors) < 2:
        return
    hardware_of = _with_processor if len(processors) > 1 else _hardware
    kinds = sorted({hardware_of(trial) for trial in every} - {""})
    noun = what.removeprefix("the ")
    rows_of = {kind: list(_on(kind, trials, hardware_of=hardware_of)) for kind in kinds}
    listed = "; ".join(f"{kind}: {shortened_list(some, noun)}" for kind, some in rows_of.items())
    yield Note(
        f"{start}: {what} were run on {', '.join(kinds[:-1])} and {kinds[-1]}, whose rounding may "
        f"differ. {listed}."
    )


def device_of(trial: Trial) -> str:
    """Return the kind of device of a trial, ``cpu`` or ``cuda``; "" where it is not recorded."""
    return str(trial.device or "").partition(":")[0]


def _hardware(trial: Trial) -> str:
    """Return device and precision, as far as they are recorded: ``cuda bfloat16``."""
    return " ".join(filter(None, (device_of(trial), trial.precision)))


def _with_processor(trial: Trial) -> str:
    """Return device, precision and processor: ``cpu float32 (AMD EPYC AVX2)``."""
    hardware = _hardware(trial)
    return f"{hardware} ({trial.processor or 'processor not recorded'})" if hardware else ""


def _on(
    kind: str, rows: Mapping[str, list[Trial]], *, hardware_of: Callable[[Trial], str]
) -> Iterator[str]:
    """Yield the rows with a trial of a kind, with the seeds where only some of theirs are."""
    for label, trials in rows.items():
        seeds = sorted(trial.seed for trial in trials if hardware_of(trial) == kind)
        if len(seeds) == len(trials) and seeds:
            yield label
        elif seeds:
            yield f"{label} ({shortened_list(seeds, 'seeds', named=True)})"
