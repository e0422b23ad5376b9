"""The results of a run: trials, roles and ``experiment.json``, read at once.

The other tables are large, so they are read when they are asked for.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from reports.errors import ReportError, RunNotFoundError
from reports.ledger.parts import Parts, left_out, read_parts
from reports.ledger.places.storage import Place
from reports.ledger.reading.record import FILE, RecordError
from reports.ledger.reading.recorded_experiment import Experiment, read_experiment
from reports.ledger.roles import RecordedRole, recorded_roles
from reports.ledger.trials import Trial, choose, trials_in

logger = logging.getLogger(__name__)
_FEW = 3  # warnings in a message; each was logged when it was found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Results:
    """Everything that one run recorded; an object equals only itself.

    Attributes:
        folder: the run folder.
        experiment: the versions of the run's space, with data, code and machine.
        trials: key -> trial; of several rows of a key the finished one, then the newest.
        roles: the roles of the trials, each once.
        warnings: a line for each file that could not be read; reading more tables adds lines.
        without_checksum: table -> how many of its parts have no checksums, of tables read so far.
    """

    folder: Place
    experiment: Experiment
    trials: Mapping[str, Trial]
    roles: tuple[RecordedRole, ...]
    warnings: list[str] = field(default_factory=list)
    without_checksum: dict[str, int] = field(default_factory=dict)

    def epochs(self, keys: Collection[str] | None = None) -> pa.Table:
        """Read the epochs (``reports.ledger.schema.EPOCHS``) of all trials, or of some."""
        return self._read("epochs", keys)

    def labels(self, keys: Collection[str] | None = None) -> pa.Table:
        """Read the generated labels (``schema.LABELS``) of all trials, or of some."""
        return self._read("labels", keys)

    def predictions(self, keys: Collection[str] | None = None) -> pa.Table:
        """Read the predictions (``schema.PREDICTIONS``) of finished trials, or of some."""
        return self._read("predictions", keys)

    def utterances(self) -> pa.Table:
        """Read the utterances of the corpora (``reports.ledger.schema.UTTERANCES``).

        A run of an older version has none.
        """
        return self._read("utterances")

    def warn(self, what: str) -> None:
        """Keep and log a warning; a repeated one once."""
        if what not in self.warnings:
            self.warnings.append(what)
            logger.warning("%s: %s", self.folder, what)

    def _read(self, table: str, keys: Collection[str] | None = None) -> pa.Table:
        parts = read_parts(self.folder, table, keys=keys)
        _note(self, table, parts=parts)
        return parts.distinct(table)


def load_results(folder: Place) -> Results:
    """Read the run in ``folder``.

    Raises:
        RunNotFoundError: the folder is missing or holds no ledger.
        ReportError: its ``experiment.json`` cannot be read, or an object store does not answer.
    """
    _check_is_run(folder)
    experiment = _experiment(folder)
    trials, roles = read_parts(folder, "trials"), read_parts(folder, "roles")
    results = Results(
        folder=folder,
        experiment=experiment,
        trials=choose(trials_in(trials.rows)),
        roles=recorded_roles(roles.rows),
    )
    _note(results, "trials", parts=trials)
    _note(results, "roles", parts=roles)
    return results


def load_run(folder: Place) -> Results:
    """Return the run in ``folder``; at least one of its trials must have ended.

    Raises:
        RunNotFoundError: ``folder`` is not a run.
        ReportError: the run holds no trial that ended.
    """
    results = load_results(folder)
    if results.trials:
        return results
    raise ReportError(
        f"the run {folder} has no trial that ended: expected at least one; start or continue "
        f"it with `{results.experiment.command or 'sugrm-search run SPACE'}`"
        + "".join(f"\n{warning}" for warning in _few(results.warnings))
    )


def _few(warnings: Sequence[str]) -> list[str]:
    """Return the first warnings and how many follow."""
    more = len(warnings) - _FEW
    return [*warnings[:_FEW], *([f"and {more} more like them"] if more > 0 else [])]


def _experiment(folder: Place) -> Experiment:
    """Return what the run was asked to do; without ``experiment.json`` only its name is known."""
    try:
        experiment = read_experiment(folder)
        if experiment is not None:
            _check_versions(experiment)
    except RecordError as error:
        raise ReportError(
            f"{folder / FILE} is damaged ({error}): expected what `sugrm-search run` writes; "
            "restore it, or move it away and report the run by its name: that reads the trials "
            "alone"
        ) from error
    return experiment or Experiment(name=folder.name)


def _check_versions(experiment: Experiment) -> None:
    """Refuse a record without a version of a space, or with one that has no time."""
    if not experiment.versions:
        raise RecordError("no version of a space in it")
    for place, version in enumerate(experiment.versions):
        if not version.started_at:
            raise RecordError(f"versions.{place}.started_at is missing")


def _note(results: Results, table: str, *, parts: Parts) -> None:
    """Keep the warnings about the parts of a table, and how many have no checksums."""
    for damaged in parts.damaged:
        results.warn(left_out(damaged))
    results.without_checksum[table] = parts.without_checksum


def _check_is_run(folder: Place) -> None:
    """Refuse a folder that is missing or holds no ledger."""
    if not folder.is_dir():
        raise RunNotFoundError(
            f"no run folder {folder}: expected a folder that `sugrm-search run` wrote; "
            f"{_neighbours(folder)}"
        )
    if not (folder / "trials").is_dir() and not (folder / "experiment.json").is_file():
        raise RunNotFoundError(
            f"{folder} is not a run: it has neither experiment.json nor trials/; "
            f"{_neighbours(folder / 'any')}"
        )


def _neighbours(folder: Place) -> str:
    if not folder.parent.is_dir():
        return f"{folder.parent} does not exist either; name the runs folder with --runs"
    runs = sorted(path.parent.name for path in folder.parent.glob("*/experiment.json"))
    if not runs:
        return f"{folder.parent} holds no run yet; make one with `sugrm-search run SPACE`"
    return f"{folder.parent} holds {', '.join(runs)}"
