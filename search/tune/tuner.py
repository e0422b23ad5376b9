"""Running the trials of a run with Ray Tune, until the run ends or closes."""

from pathlib import Path
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place
from search.tune.cluster.authentication import variables
from search.tune.cluster.node_slots import Slots
from search.tune.cluster.ray_watch import check_alive

if TYPE_CHECKING:
    from ray.tune import RunConfig, Tuner

    from search.controller.controller import Controller
    from search.space import Space


def run_trials(
    space: "Space", controller: "Controller", *, slots: Slots, folder: Place, scratch: Path
) -> None:
    """Run the controller's trials with Ray Tune, until it has no more or closes.

    Args:
        space: the space that is run.
        controller: hands out the trials and takes their reports.
        slots: returns how many trials run at once.
        folder: the folder of the run, which messages name.
        scratch: a folder for Tune's own files. Tune reads pickles back from it, which can execute
            code, so no other user may write to it.

    Raises:
        SearchError: Ray or the disk of the run failed.
    """
    from search.tune.ray_errors import error_to_show, losses_fail_their_trial
    from search.tune.tune_signals import no_signal_stops_tune

    tuner = _tuner(space, controller, slots=slots, scratch=scratch)
    pending = {"TUNE_MAX_PENDING_TRIALS_PG": str(slots())}
    try:
        with losses_fail_their_trial(), no_signal_stops_tune(), variables(pending):
            tuner.fit()
        check_alive()
    except Exception as error:
        shown = controller.error or error_to_show(error, folder.absolute())
        if shown is error:
            raise
        raise shown from error
    finally:
        controller.close()
    if controller.error is not None:
        raise controller.error


def _tuner(space: "Space", controller: "Controller", *, slots: Slots, scratch: Path) -> "Tuner":
    """Return Ray Tune with our searcher, scheduler and workers; it restores and retries nothing."""
    from ray import tune

    from search.tune.scheduler import PlanScheduler
    from search.tune.searcher import PlanSearcher
    from search.tune.trainable import GPUS, TrialActor

    cpus = space.resources.cpus
    return tune.Tuner(
        tune.with_resources(
            TrialActor,
            lambda config: tune.PlacementGroupFactory([{"CPU": cpus, "GPU": config[GPUS]}]),
        ),
        run_config=_run_config(controller, scratch),
        tune_config=tune.TuneConfig(
            search_alg=PlanSearcher(controller, slots),
            scheduler=PlanScheduler(controller, space.resources.timeout_minutes),
            num_samples=-1,
            reuse_actors=True,
            trial_dirname_creator=lambda trial: str(trial.trial_id),
        ),
    )


def _run_config(controller: "Controller", scratch: Path) -> "RunConfig":
    from ray import tune

    from search.tune.scheduler import ClosingStopper
    from search.tune.silent import SilentReporter

    return tune.RunConfig(
        name="tune",
        storage_path=str(scratch),
        stop=ClosingStopper(controller),
        failure_config=tune.FailureConfig(max_failures=0),  # see search.controller.retries
        checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
        verbose=0,
        progress_reporter=SilentReporter(),
    )
