"""Ray Tune's searcher for a run: it only passes on to the controller.

It keeps no state worth saving: Tune's own snapshots are never restored.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import ray
from ray.tune.search import Searcher

from search.tune.worker.trainable import worker_config

if TYPE_CHECKING:
    from search.controller.controller import Controller


class PlanSearcher(Searcher):
    """Hand out the plan's trials, at most ``slots()`` at once.

    Args:
        controller: of the run.
        slots: how many trials the cluster can hold now.
    """

    def __init__(self, controller: "Controller", slots: Callable[[], int]) -> None:
        super().__init__()
        self._controller = controller
        self._slots = slots

    def suggest(  # type: ignore[override]  # Ray's own signature leaves FINISHED out
        self, trial_id: str
    ) -> dict[str, object] | str | None:
        """Return the next trial's task; None to wait; FINISHED at the end."""
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
        """Do nothing: the scheduler has heard it, and trials are tried again as new ones."""

    def save(self, checkpoint_path: str) -> None:
        """Keep nothing: the ledger is the state."""

    def __getstate__(self) -> dict[str, object]:
        """Pickle as nothing, for the snapshot that Tune makes of itself."""
        return {}
