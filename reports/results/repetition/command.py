"""The command that computes a trial of a run again and compares it with its record.

It takes configuration and seed from the record, and the data from the file that the record names.
The key of the repetition is then that of the trial and, on the same kind of CPU with the same
versions of code and packages and as many threads, its numbers are the same to the last bit. A trial
that the search stopped early runs to its end; its epochs up to there are the same.
"""

import shlex
from collections.abc import Mapping
from typing import Any

from reports.errors import NotRepeatableError
from reports.ledger.places.storage import Place
from reports.ledger.reading.load import Results
from reports.ledger.reading.record import FILE
from reports.ledger.reading.run_command import USUAL_FOLDER
from reports.ledger.trials import Trial

REPEATED = "repeated"
"""Folder of the repetitions; beside the original run a trial would be reused, not computed."""
GROUP, CELL = "repeat", "trial"
"""The ablation and the cell that a repetition consists of."""
_NO_CONFIGURATION = ("", "{}")


def repeat_command(results: Results, trial: Trial) -> str:
    """Return the command line, for a POSIX shell, that repeats a trial of a run.

    It is for the folder in which the folder of runs has this path.

    Raises:
        NotRepeatableError: the record is not enough; the message says what it lacks.
    """
    check_repeatable(results, trial)
    words = ["sugrm-search", "repeat", results.folder.name, "--key", trial.key]
    runs = str(results.folder.parent)
    if runs != USUAL_FOLDER:
        words += ["--runs", runs]
    if runs == REPEATED:  # the run is a repetition itself
        words += ["--out", f"{REPEATED}_again"]
    return shlex.join(words)


def repetition_name(key: str) -> str:
    """Return the name of the run that repeats a trial, and others that differ only in the seed."""
    return f"repeat-{key}"


def check_repeatable(results: Results, trial: Trial) -> None:
    """Check that the record holds what a repetition needs.

    Raises:
        NotRepeatableError: it does not; the message says what it lacks.
    """
    if not results.experiment.space:
        raise NotRepeatableError("the space of its run is not recorded")
    if trial.config in _NO_CONFIGURATION:
        raise NotRepeatableError("its configuration is not recorded")
    read = [version.data for version in results.experiment.versions if version.data]
    if read and not any(trial.data_fingerprint in data.values() for data in read):
        raise NotRepeatableError("it read data that no recorded version of the space names")


def placed_start(value: Any, runs: Place) -> Any:  # noqa: ANN401 - a value of a space
    """Return a model to start from, as a space names it, with the folder of its run.

    Args:
        value: the value of ``start_from``, or of its ``model``.
        runs: the folder of runs, in which a run may have that name; other names stay as they are.
    """
    if isinstance(value, Mapping):
        return {**value, "model": placed_start(value.get("model"), runs)}
    if not isinstance(value, str) or not (runs / value.partition("/")[0] / FILE).exists():
        return value
    return str(runs / value)
