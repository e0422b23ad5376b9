"""What the sampler and the early stopping rule know of a search.

Both get the search's trials in the order of their suggestions. A continued run replays the ledger
to them in that order, so they decide as in a run that was never cut off.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reports.ledger.roles import Role
from search.option_values import Changes
from search.sampling.earlier_trials import EarlierTrial
from search.sampling.observation import Observation, to_observation
from search.sampling.study import SearchStudy, Suggestion
from search.stopping.early_stopping import EarlyStopping

if TYPE_CHECKING:
    from search.ledger import Ledger
    from search.space.sections import SearchConfig


class SearchHistory:
    """Record the search's trials for its sampler and its early stopping rule.

    Args:
        search: the space's search section.
        ledger: the run's ledger.
        max_epochs: the most epochs of one trial of the search, at least 1.
        earlier: trials of other runs that the sampler starts from.

    Attributes:
        study: the Optuna study that suggests values.
    """

    def __init__(
        self,
        search: "SearchConfig",
        ledger: "Ledger",
        *,
        max_epochs: int,
        earlier: Sequence[EarlierTrial] = (),
    ) -> None:
        self.study = SearchStudy(search, [(each.values, each.observation) for each in earlier])
        self._search, self._ledger = search, ledger
        self._early_stopping = EarlyStopping(search, max_epochs)

    def record_and_decide(self, key: str, number: int, *, epoch: int, value: float) -> bool:
        """Record an epoch of trial ``key``; return whether the trial should stop after it.

        Args:
            key: the trial's key.
            number: the number of the trial's first suggestion, from 0.
            epoch: the epoch, from 1; one that is recorded again changes nothing.
            value: the primary objective after that epoch.
        """
        return self._early_stopping.record_and_decide(key, number, epoch=epoch, value=value)

    def record_end(self, suggestion: Suggestion, key: str) -> None:
        """Tell the study the result of a suggestion that has ended in this command.

        Args:
            suggestion: the study's running trial.
            key: the key of the leading trial; with several seeds the study gets the mean over those
                that have ended.
        """
        self.study.tell(suggestion, self._observation(key))

    def replay_epochs(self, key: str, number: int) -> None:
        """Record the epochs of a trial of the ledger for the early stopping rule."""
        for epoch, value in enumerate(self._curve(key), start=1):
            self.record_and_decide(key, number, epoch=epoch, value=value)

    def replay_trial(self, role: Role, key: str, *, values: Changes) -> None:
        """Add a suggestion whose trial ended in an earlier command to the study."""
        self.study.add(role.number, values, observation=self._observation(key))

    def _observation(self, key: str) -> Observation:
        mean = self._ledger.index.searched(key, self._search.training_seeds[1:]).mean
        return to_observation(mean, self._curve(key), goals=self._search.goals)

    def _curve(self, key: str) -> Sequence[float]:
        return self._ledger.curve(key, self._search.primary.metric.removeprefix("valid/"))
