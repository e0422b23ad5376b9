"""Ray Tune's searcher for a run: it asks the controller for each next trial.

It has no state to save: Tune's own snapshots are never restored.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import ray
from ray.tune.search import Searcher

from search.tune.trainable import worker_config

if TYPE_CHECKING:
    from search.controller.controller import Controller


class PlanSearcher(Searcher):
    """Give Tune the controller's trials, at most ``slots()`` at once.

    Args:
        controller: the controller of the run.
        slots: returns how many trials the cluster can hold now, at least 1.
    """

    def __init__(self, controller: "Controller", slots: Callable[[], int]) -> None:
        super().__init__()
        self._controller = controller
        self._slots = slots

    def suggest(  # type: ignore[override]  # Ray's own signature leaves FINISHED out
        self, trial_id: str
    ) -> dict[str, object] | str | None:
        """Take the next trial from the controller and return its task.

        Returns:
            The task; None if no trial may start now; FINISHED after the last trial.
        """
        controller = self._controller
        with controller.guarded():
            if controller.running >= self._slots() and not controller.closing:
                return None
            task = controller.hand_out(trial_id)
            if task is not None:
                home = ray.get_runtime_context().get_node_id()
                return worker_config(task, gpus=controller.gpus(trial_id), home=home)
        return str(Searcher.FINISHED) if controller.is_finished else None

    def on_trial_complete(
        self, trial_id: str, result: Mapping[str, object] | None = None, error: bool = False
    ) -> None:
        """Do nothing: the scheduler passes reports on, and a retry is a new trial of Tune."""

    def save(self, checkpoint_path: str) -> None:
        """Save nothing: the state of a run is its ledger."""

    def __getstate__(self) -> dict[str, object]:
        """Return no state, for the snapshot that Tune makes of itself."""
        return {}
