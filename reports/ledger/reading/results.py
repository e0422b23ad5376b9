"""Everything that one run recorded: its trials and roles in memory, its other tables on request."""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

from reports.errors import UnknownNameError
from reports.ledger.parts import Parts, left_out, read_parts
from reports.ledger.places.storage import Place
from reports.ledger.reading.recorded_experiment import Experiment
from reports.ledger.reading.run_command import in_folder
from reports.ledger.roles import RecordedRole
from reports.ledger.schema import STATUSES
from reports.ledger.trials import Trial

if TYPE_CHECKING:
    import pandas as pd

    from reports.ledger.frames.rows import Row

Keys = str | Trial | Iterable[str | Trial]
"""The keys of trials, or trials; a column of a frame holds keys."""

CHECKPOINTS, MODEL_FILE = "checkpoints", "best.pt"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
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

    def __repr__(self) -> str:
        """Return the folder and how many trials ended in which way."""
        counts = Counter(trial.status for trial in self.trials.values())
        parts = [f"{counts[status]} {status}" for status in STATUSES if counts[status]]
        ended = f"{len(self.trials)} trials ended" + (f": {', '.join(parts)}" if parts else "")
        return f"Results({str(self.folder)!r}, {ended})"

    @property
    def command(self) -> str:
        """Return the command that repeats or continues the run where it is, "" if not recorded."""
        return in_folder(self.experiment.command, str(self.folder.parent))

    def trials_frame(self, *, search_test_metrics: bool = False) -> "pd.DataFrame":
        """Return the trials that ended as a pandas data frame, in the order of the plan.

        It has a row for each trial, two where the trial serves two purposes (a confirmed
        configuration and an ablation cell may share one), with these columns:

        - ``name``: ``search 3``, ``search 3 seed 8``, ``confirm 1 seed 1111``,
          ``modules/remove MRM seed 1111``; no two trials share one.
        - ``phase``, ``group``, ``cell``, ``number``, ``seed``: why it ran: ``search`` with the
          number of the suggestion, and with another seed than the first the key of the trial with
          the first seed as group; ``confirm`` with the rank of the configuration in the search,
          from 0, and as group the key of its trial there; ``ablation`` with group and cell.
        - ``status``: ``finished``, ``stopped`` (early) or ``failed``.
        - a column for each searched parameter, missing where it has no effect in the trial.
        - ``valid_mae`` and the other metrics at the best epoch on validation, then ``test_mae`` and
          the others on test, of finished trials. Metrics that no trial of the run has are left out.
        - ``epochs``, ``best_epoch``, ``seconds`` and the other costs, ``device``, ``processor``,
          ``node``, ``failure`` with its ``message``, ``ended_at``, as ``reports.ledger.schema`` has
          them.
        - ``changes``: the options that differ from the fixed values, JSON; ``key``.

        Whole numbers that may be missing are ``Int64``, other numbers ``float64``.

        Args:
            search_test_metrics: whether trials of the search show their test metrics, too. A
                configuration that is chosen by them looks better than it is.
        """
        from reports.ledger.frames.trials import trials_frame

        conditions = {name: self.experiment.condition(name) for name in self.experiment.parameters}
        return trials_frame(
            self._rows, conditions=conditions, search_test_metrics=search_test_metrics
        )

    def epochs_frame(self, keys: Keys | None = None) -> "pd.DataFrame":
        """Return the epochs of all trials, or of some, as a pandas data frame, a row an epoch.

        Its columns are ``name`` (as in ``trials_frame``; a trial with two rows there has the first
        one's name), ``key``, ``epoch`` (from 1), ``seconds``, ``train_loss``, the validation
        metrics, then counts of undefined labels and, where the corpus knows each modality's own
        sentiment, the correlations ``label_truth_T`` and so on (``reports.ledger.schema``).
        """
        from reports.ledger.frames.rows import metrics_in
        from reports.ledger.frames.tables import epochs_frame

        rows, metrics = self.epochs(self._known(keys)), metrics_in(self.trials.values())
        return epochs_frame(rows, names=self._names, metrics=metrics)

    def labels_frame(self, keys: Keys | None = None) -> "pd.DataFrame":
        """Return the generated labels of all trials, or of some, as a pandas data frame.

        It has a row for each label: ``name`` and ``key`` of the trial, ``epoch``, ``task`` (T, A or
        V), ``position`` in the training split (from 0), ``id`` of the utterance, ``label``. A long
        search has millions of them: name the ``keys`` of the trials that you need.
        """
        from reports.ledger.frames.tables import labels_frame

        rows, data = self.labels(self._known(keys)), self._fingerprints
        return labels_frame(rows, names=self._names, utterances=self.utterances(), data=data)

    def predictions_frame(self, keys: Keys | None = None, *, texts: bool = False) -> "pd.DataFrame":
        """Return the predictions of finished trials, or of some, as a pandas data frame.

        It has a row for each utterance: ``name`` and ``key`` of the trial, ``split`` (``valid``,
        ``test``, and at most 64 utterances of ``train``), ``id``, the human ``label``, and
        ``prediction_M`` with ``prediction_T``, ``prediction_A`` and ``prediction_V`` where the
        system predicts each modality as well.

        Args:
            keys: the keys of the trials, or the trials; all when None.
            texts: whether the column ``text`` holds the transcripts, which may be under a licence.
        """
        from reports.ledger.frames.tables import predictions_frame

        utterances = self.utterances() if texts else None
        rows, data = self.predictions(self._known(keys)), self._fingerprints
        return predictions_frame(rows, names=self._names, utterances=utterances, data=data)

    @cached_property
    def _rows(self) -> "list[Row]":
        from reports.ledger.frames.rows import rows_of

        groups = self.experiment.ablations.items()
        cells = [(group, cell) for group, cells in groups for cell in cells]
        return rows_of(self.trials, self.roles, cells=cells)

    @property
    def _names(self) -> dict[str, str]:
        from reports.ledger.frames.rows import names_of

        return names_of(self._rows)

    @property
    def _fingerprints(self) -> dict[str, str | None]:
        return {key: trial.data_fingerprint for key, trial in self.trials.items()}

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

    def kept_models(self) -> "dict[str, Place]":
        """Return the file of each model that the run kept, by the key of its trial."""
        folder = self.folder / CHECKPOINTS
        files = folder.glob(f"*/{MODEL_FILE}") if folder.is_dir() else ()
        return {path.parent.name: path for path in files}

    def warn(self, what: str) -> None:
        """Keep and log a warning; a repeated one once."""
        if what not in self.warnings:
            self.warnings.append(what)
            logger.warning("%s: %s", self.folder, what)

    def note(self, table: str, parts: Parts) -> None:
        """Keep the warnings about the parts of a table, and how many have no checksums."""
        for damaged in parts.damaged:
            self.warn(left_out(damaged))
        self.without_checksum[table] = parts.without_checksum

    def _known(self, keys: Keys | None) -> Collection[str] | None:
        """Return the keys as a set.

        Raises:
            UnknownNameError: the run has no such trial.
        """
        found = _listed(keys)
        for key in found or ():
            if key not in self.trials:
                raise UnknownNameError("key of a trial", key, known=self.trials, most=3)
        return found

    def _read(self, table: str, keys: Collection[str] | None = None) -> pa.Table:
        parts = read_parts(self.folder, table, keys=keys)
        self.note(table, parts)
        return parts.distinct(table)


def _listed(keys: Keys | None) -> Collection[str] | None:
    """Return the keys as a set; a single text or trial is one key."""
    if keys is None:
        return None
    if isinstance(keys, str | Trial) or not isinstance(keys, Iterable):
        keys = [keys]
    found = {key.key if isinstance(key, Trial) else key for key in keys}
    for key in found:
        if not isinstance(key, str):
            raise TypeError(f"keys holds {key!r}; expected the keys of trials, or trials")
    return found
