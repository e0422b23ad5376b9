"""Which recorded roles belong to the newest version of a run's space, and how many may come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import ValidationError

from reports.ledger.reading.recorded_experiment import Experiment
from reports.ledger.reading.searched import other_seeds_of
from reports.ledger.roles import first_roles
from reports.ledger.trials import Trial
from search.status.progress import Amounts

if TYPE_CHECKING:
    from reports.ledger.roles import Role
    from search.plan import Plan
    from search.queue.recorded_trials import PresentSpace
    from search.sampling.seed_steps import SeedSteps
    from search.space import Space

_UNREADABLE = (
    "this version cannot read the recorded space ({}); the counts are of what the last command "
    "recorded"
)


_PLUGINS = (
    "the run uses the code of {}, which this command does not execute; the counts are of what the "
    "last command recorded"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentRoles:
    """What the newest version of the space requests.

    Attributes:
        roles: the recorded roles that it requests: role -> key of its trial.
        amounts: how many trials the run has at most.
        warnings: a line for each thing that the user should know.
        space: decides about other roles; None where the record does not say enough.
        steps: tells which configurations were given up; None unless the search has several seeds.
    """

    roles: "Mapping[Role, str]"
    amounts: Amounts
    warnings: Sequence[str] = ()
    space: "PresentSpace | None" = None
    steps: "SeedSteps | None" = None

    def include_any(self, roles: "Sequence[Role]") -> bool:
        """Return whether the space requests at least one of ``roles``."""
        return self.space is None or any(map(self.space.has_role, roles))


def present_roles(
    experiment: Experiment, trials: Mapping[str, Trial], *, roles: "Mapping[Role, str]"
) -> PresentRoles:
    """Return which of the recorded ``roles`` belong to the space, as a run of it decides that.

    Where ``experiment.json`` does not say enough, they are all that the last command left.

    Args:
        experiment: what the run was asked to do.
        trials: the trials that ended, by key.
        roles: the recorded roles: role -> key of its trial.
    """
    recorded = PresentRoles(roles=roles, amounts=_recorded_amounts(experiment))
    if not experiment.newest.data:
        return recorded
    from search.plan import build_plan
    from search.trials.recorded_space import UnreadableSpaceError, recorded_space

    try:
        space = recorded_space(experiment.newest)
        plan = build_plan(space)
    except (UnreadableSpaceError, ValidationError) as error:
        return replace(recorded, warnings=[_why_unreadable(error, experiment)])
    return _requested(space, plan, experiment=experiment, trials=trials, roles=roles)


def _why_unreadable(error: Exception, experiment: Experiment) -> str:
    if plugins := ", ".join(experiment.newest.plugins):
        return _PLUGINS.format(plugins)
    return _UNREADABLE.format(str(error).partition("\n")[0])


def _requested(
    space: "Space",
    plan: "Plan",
    *,
    experiment: Experiment,
    trials: Mapping[str, Trial],
    roles: "Mapping[Role, str]",
) -> PresentRoles:
    """Return which of the recorded ``roles`` a space requests."""
    from search.ledger.run_index import RunIndex
    from search.queue.recorded_trials import PresentSpace
    from search.sampling.seed_steps import SeedSteps
    from search.trials.recorded_space import RecordedKeys

    keys = RecordedKeys(space, experiment.newest, trials=trials)
    present = PresentSpace(space, plan, keys=keys)
    kept = present.kept_roles(roles)
    search = space.search
    goals = search.goals if search is not None else ()
    steps = None
    if search is not None and search.seeds is not None:
        steps = SeedSteps(search, RunIndex(trials, kept.roles))
    left_out = 0 if steps is None else steps.left_out(first_roles(kept.roles))
    amounts = Amounts.of(plan, goals, search=plan.search_trials, left_out=left_out)
    return PresentRoles(
        roles=kept.roles, amounts=amounts, warnings=kept.warnings, space=present, steps=steps
    )


def _recorded_amounts(experiment: Experiment) -> Amounts:
    """Return how many trials a run has at most, by what its last command recorded."""
    version = experiment.newest
    search, confirm = version.space.get("search") or {}, version.space.get("confirm") or {}
    trials = int(version.search_trials or search.get("trials") or 0)
    top = int(confirm.get("top") or 1) if search and confirm else 0
    seeds = len(confirm.get("seeds") or ())
    others = other_seeds_of(search)
    runs = trials * (1 + len(others))
    cells = {
        (group, cell): len(experiment.seeds)
        for group, names in experiment.ablations.items()
        for cell in names
    }
    ablation = max(0, version.total - runs - min(top, trials) * seeds)
    return Amounts(
        search=trials,
        confirm_top=top,
        confirm_seeds=seeds,
        ablation=ablation,
        cells=cells if sum(cells.values()) == ablation else {},  # some cells may have no data
        goals=experiment.goals,
        other_seeds=others,
    )
