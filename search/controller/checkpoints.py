"""Which checkpoints a run keeps: the last of each running trial, the models of its result.

``last.pt`` of a running trial holds its last and its best epoch; ``best.pt`` is the model of a
finished trial. Both are removed only after the ledger holds the trial's row.
"""

from collections.abc import Callable

from reports.ledger.places.storage import Place, remove_tree
from search.controller.kept_models import KeepRules, keys_to_keep
from search.ledger.run_index import RunIndex
from sugrm.training.checkpoints.checkpoint import BEST_FILE_NAME, FILE_NAME


class Checkpoints:
    """Remove the checkpoints of a run that nothing needs any more.

    Args:
        folder: the folder of the run's checkpoints, with one folder for each trial.
        index: the trials and roles of the run's ledger.
        rules: which models are kept.
        warn: gets a line for each trial of the result whose model is missing, once; one line for
            all trials that the same other run computed.
    """

    def __init__(
        self,
        folder: Place,
        index: RunIndex,
        *,
        rules: KeepRules,
        warn: Callable[[str], None] = lambda message: None,
    ) -> None:
        self._folder, self._index, self._rules, self._warn = folder, index, rules, warn
        self._missed: set[str] = set()
        self._models: set[str] = set()
        self._found: frozenset[str] = frozenset()  # models of earlier commands

    def sweep(self) -> None:
        """Remove what a killed command did not: trials with a row need no ``last.pt``."""
        held = {each.name for each in self._folder.iterdir()} if self._folder.is_dir() else set()
        for key in sorted(held & set(self._index.trials)):
            self._settle(key)
        self._found = frozenset(self._models)
        self.prune()

    def settle(self, key: str) -> None:
        """Keep the model of a trial in the ledger while the result needs it, and nothing else."""
        self._settle(key)
        self.prune()

    def prune(self) -> None:
        """Remove the models that do not belong to the result."""
        kept, missing = keys_to_keep(self._index, self._models, rules=self._rules)
        if self._models:  # without any, none are kept or somebody has removed them all
            self._warn_of(missing)
        superseded = self._models - kept
        if self._rules.keeps_some and (missing or not kept & self._models):
            superseded -= self._found  # nothing replaces them yet
        for key in sorted(superseded):
            self._models.discard(key)
            self._remove(key)

    def _warn_of(self, missing: set[str]) -> None:
        elsewhere: dict[str, list[str]] = {}
        for key in sorted(missing - self._missed):
            run = self._index.trials[key].adopted_from
            if run is not None:
                elsewhere.setdefault(run, []).append(key)
                continue
            self._warn(
                f"trial {key} belongs to the result, but {self._folder.name}/{key}/"
                f"{BEST_FILE_NAME} is not there; no other model takes its place, and no trial runs "
                "again for its model"
            )
        for run, keys in elsewhere.items():
            trials = "1 trial was" if len(keys) == 1 else f"{len(keys)} trials were"
            self._warn(
                f"{trials} computed by the run {run} and reused without a model; where that run "
                f"kept one: sugrm-search export {run} OUT --key KEY ({', '.join(keys)})"
            )
        self._missed |= missing

    def _settle(self, key: str) -> None:
        """Remember the model of a finished trial; remove what only a running trial needs."""
        trial = self._index.trials[key]
        if (
            not trial.has_finished
            or self._rules.goals[0].value(trial) is None
            or not (self._folder / key / BEST_FILE_NAME).is_file()
        ):
            self._models.discard(key)
            self._remove(key)
            return
        self._models.add(key)
        last = self._folder / key / FILE_NAME
        try:
            last.unlink(missing_ok=True)
        except (IsADirectoryError, PermissionError):  # somebody has put a folder there
            remove_tree(last)

    def _remove(self, key: str) -> None:
        remove_tree(self._folder / key)
