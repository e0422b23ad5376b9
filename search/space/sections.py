"""The sections of a space file: search, confirmation, resources, budget."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from reports.ledger.goals import Goal
from search.space.findings import shown
from search.space.objectives import Objective, Objectives
from search.space.parameters import Parameter
from sugrm.config.sections.section import Section

PlainChanges = dict[str, Any]
"""``search.option_values.Changes``, as a model's field."""

PUBLISHED_SEEDS = (1111, 1112, 1113, 1114, 1115)
"""The seeds over which the released code averages."""


def _check_trackers(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) != len(names):
        raise ValueError(f"a tracker is listed twice; got {shown(list(names))}; expected each once")
    return names


TrackerName = Literal["tensorboard", "mlflow", "wandb", "optuna"]
Trackers = Annotated[tuple[TrackerName, ...], AfterValidator(_check_trackers)]
"""Where a run is shown, each once."""


def _check_seeds(seeds: tuple[int, ...]) -> tuple[int, ...]:
    if not seeds:
        raise ValueError("no seeds; expected at least one")
    if any(not 0 <= seed < 2**32 for seed in seeds):
        raise ValueError(f"a seed lies outside 0..4294967295; got {shown(list(seeds))}")
    if len(set(seeds)) != len(seeds):
        raise ValueError(
            f"a seed is listed twice; got {shown(list(seeds))}; expected each seed once"
        )
    return seeds


Seeds = Annotated[tuple[int, ...], AfterValidator(_check_seeds)]
"""Training seeds, each once."""


class SamplerConfig(Section):
    """How values are suggested.

    ``tpe`` learns from the trials so far, conditional parameters included, and is the first
    choice; ``random`` learns nothing. ``gp`` (a Gaussian process) suits few trials, ``cmaes``
    ranges and many trials, ``qmc`` spreads a Sobol sequence evenly, ``nsgaii`` evolves generations
    of ``population`` trials (the others leave it unused) and is made for several objectives.
    Only ``tpe`` learns parameters under a condition; the other samplers draw them at random, and
    ``cmaes`` also draws choices at random. ``tpe`` and ``cmaes`` also learn from trials that were
    stopped early; ``gp`` and ``nsgaii`` do not.
    """

    name: Literal["tpe", "random", "gp", "cmaes", "qmc", "nsgaii"] = "tpe"
    seed: int = Field(1, ge=0, lt=2**32)
    population: int = Field(20, ge=2)


class SchedulerConfig(Section):
    """How poor trials are stopped early.

    ``asha`` judges a trial after ``min_epochs`` epochs and after every ``reduction``-fold of them,
    and continues about one trial in ``reduction``. ``hyperband`` distributes the trials over
    several such brackets, each of which judges first after ``reduction`` times as many epochs as
    the one before; the last bracket stops no trial. The brackets do not wait for each other
    (asynchronous Hyperband). ``median`` stops a trial, from ``min_epochs`` epochs on, if its best
    value so far is worse than the median of the running averages of the other trials up to that
    epoch, and at least ``min_trials`` of them have run as long. ``none`` runs every trial to its
    end. A scheduler ignores the options that are not named with it.
    """

    name: Literal["asha", "hyperband", "median", "none"] = "none"
    min_epochs: int = Field(3, ge=1)
    reduction: int = Field(3, ge=2)
    min_trials: int = Field(5, ge=1)


class GiveUpConfig(Section):
    """When a search with several ``seeds`` gives a configuration up before all of them have run.

    After each seed but the last, its values so far are compared with those of the best
    configuration that had finished with every seed by then. A configuration that is given up is
    never confirmed; its mean so far goes to the sampler.

    ``range`` gives up if the mean so far is worse than the worst seed of the best. It can act after
    the first seed. If seeds act on each configuration independently, one that is as good as the
    best is lost there by chance once in n + 1 times with n seeds (once in 3 with two, once in 4
    with three, once in 6 with five), and more often the luckier the best was. What counts is
    whether the winner would have been another one: in simulated searches (20 configurations,
    3 seeds, as much spread between seeds as between configurations) it was the same in more than
    nine of ten, for less than two thirds of the trials.

    ``wilcoxon`` gives up if a one-sided Wilcoxon signed-rank test over the seeds so far is below
    ``p`` and their mean is worse than that of the best (Optuna's ``WilcoxonPruner``). After n seeds
    no p is below 1/2^n: with two seeds the test never acts; with three it acts after the second if
    ``p`` is above 0.25; with five after the fourth if ``p`` is above 0.0625, after the third if
    above 0.125. A ``p`` that is never reached is rejected. As the best was partly lucky, a
    configuration as good as the best is given up more often than in a share ``p``.

    ``none`` runs every seed. With several objectives no configuration is given up: one that is
    behind in the first may lead in another.
    """

    rule: Literal["range", "wilcoxon", "none"] = "range"
    p: float = Field(0.1, gt=0, lt=1)


class SearchConfig(Section):
    """A search over ``parameters``.

    ``start`` lists the first trials, each as changes of parameters over the fixed values: ``[{}]``
    is the unchanged fixed values, ``[]`` begins with suggestions. ``seed`` is the training
    seed of every search trial; the confirmation must not use it, because its seeds must be fresh.
    ``seeds``, instead of ``seed``, trains each configuration with several seeds, one after another:
    the search then goes by the mean over them, and ``trials`` counts configurations. ``scheduler``
    and ``hopeless_after`` stop only the trial of the first seed; ``give_up`` says when the
    remaining seeds are left out. Only configurations that finished with every seed are ranked and
    confirmed; a failed trial of any seed makes a configuration a failed one.
    ``hopeless_after`` stops a trial that after so many epochs has never had a lower validation
    MAE than a prediction of the mean training label; null turns this rule off.
    ``stop_after_failures``, if given, replaces the top-level option of that name.

    ``objective`` may be a list: then the report shows the Pareto front, and its best trials by the
    first objective are confirmed.

    ``from`` names runs in the same folder. Before its first suggestion the sampler gets those of
    their search trials that this search space could have produced. They are not trials of this run.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    trials: int = Field(ge=0)
    seed: int = Field(1110, ge=0, lt=2**32)
    seeds: Seeds | None = None
    give_up: GiveUpConfig = GiveUpConfig()
    objective: Objectives = Objective()
    sampler: SamplerConfig = SamplerConfig()
    scheduler: SchedulerConfig = SchedulerConfig()
    start: tuple[PlainChanges, ...] = Field(({},), max_length=1000)
    hopeless_after: int | None = Field(None, ge=1)
    stop_after_failures: int | None = Field(None, ge=0)
    sources: tuple[str, ...] = Field((), alias="from")
    parameters: dict[str, Parameter] = Field(min_length=1)

    @model_validator(mode="after")
    def _lead_with_first(self) -> Self:
        """Let the first of ``seeds`` be ``seed``; reading a space refuses two that disagree."""
        if self.seeds is not None:
            object.__setattr__(self, "seed", self.seeds[0])  # the section is frozen
        return self

    @property
    def training_seeds(self) -> tuple[int, ...]:
        """The seeds of every configuration, the leading one first."""
        return self.seeds if self.seeds is not None else (self.seed,)

    @property
    def give_up_rule(self) -> str:
        """The rule that gives configurations up, ``none`` with one seed or several objectives."""
        acts = len(self.training_seeds) > 1 and len(self.objectives) == 1
        return self.give_up.rule if acts else "none"

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """Every objective, the primary one first."""
        return self.objective if isinstance(self.objective, tuple) else (self.objective,)

    @property
    def primary(self) -> Objective:
        """The objective by which trials are ranked: a validation metric."""
        return self.objectives[0]

    @property
    def goals(self) -> tuple[Goal, ...]:
        """The objectives as they are read from a trial's row."""
        return tuple(Goal(each.metric, each.mode) for each in self.objectives)


class ConfirmConfig(Section):
    """The best ``top`` configurations of the search, run again over fresh ``seeds``."""

    top: int = Field(1, ge=1)
    seeds: Seeds = PUBLISHED_SEEDS


class CheckpointConfig(Section):
    """Which models a run keeps, chosen on validation by the search's objective.

    ``keep`` is the number of configurations whose models are kept: the best confirmed
    configurations, each with the models of all seeds; without a confirmation the best trials of the
    search; without a search the best cells, with all seeds. ``cells`` also keeps the best cell of
    each ablation, with all seeds. A model is removed when a better one replaces it.

    Each model is ``checkpoints/KEY/best.pt`` in the run's folder, read by ``sugrm.load_trained``.
    A running trial keeps its last and its best epoch until it ends.
    """

    keep: int = Field(1, ge=0)
    cells: bool = False

    @property
    def keeps_some(self) -> bool:
        """Return whether any model of a finished trial is kept."""
        return self.keep > 0 or self.cells


SLURM: Literal["slurm"] = "slurm"


class JobConfig(Section):
    """The jobs of ``resources.launcher: submitit``; each trial is a job.

    ``cluster: auto`` submits to Slurm where its commands are on this machine; ``local`` starts
    processes here. After ``minutes`` a job is queued again and goes on from the trial's
    checkpoint, so a job need not hold a whole trial, only some epochs. ``memory_gib`` is the memory
    of a job; null leaves it to the cluster. ``slurm`` holds options of ``sbatch`` by their long
    names, as ``{partition: gpu, account: speech}``.
    """

    cluster: Literal["auto", "slurm", "local"] = "auto"
    minutes: int = Field(240, ge=5)
    memory_gib: float | None = Field(None, gt=0)
    slurm: dict[str, str | int | bool] = Field(default_factory=dict)


AUTO_GPUS: Literal["auto"] = "auto"
SEQUENTIAL: Literal["sequential"] = "sequential"
SUBMITIT: Literal["submitit"] = "submitit"
LauncherName = Literal["ray", "sequential", "submitit"]


class Resources(Section):
    """What computes the trials, and the resources of one trial.

    ``gpus: auto`` gives each trial one GPU where the machine or the cluster has any and
    ``training.device`` is not ``cpu``; nodes without a GPU then run no trial. 0 hides the GPUs from
    the trials, which compute on CPUs. A share (0.25) lets several trials use one GPU together
    (docs/faults.md). No trial can use two.

    A trial that computes for longer than ``timeout_minutes`` fails; None sets no limit. With
    ``launcher: sequential`` there is none, since the time in a debugger would count.

    ``launcher: ray`` computes on this machine or on a Ray cluster. ``sequential`` computes one
    trial after another in the process of the command, for a debugger, and where Ray cannot start.
    ``submitit`` gives each trial to Slurm as a job of its own (``jobs``), for clusters whose nodes
    may not talk to each other; there ``gpus: auto`` is one GPU if ``training.device`` is ``cuda``,
    else none. The launcher changes neither the numbers of a trial nor its key.
    """

    cpus: int = Field(1, ge=1)
    gpus: float | Literal["auto"] = AUTO_GPUS
    timeout_minutes: float | None = Field(None, gt=0)
    launcher: LauncherName = "ray"
    jobs: JobConfig = JobConfig()

    @field_validator("gpus", mode="before")
    @classmethod
    def _one_at_most(cls, gpus: object) -> object:
        expected = f"expected {AUTO_GPUS}, 0 for none, a share below 1, or 1"
        if gpus == AUTO_GPUS:
            return gpus
        if isinstance(gpus, bool) or not isinstance(gpus, int | float) or not gpus >= 0:
            raise ValueError(f"no number of GPUs; got {shown(gpus)}; {expected}")
        if gpus > 1:
            raise ValueError(f"a trial cannot use more than one GPU; got {gpus:g}; {expected}")
        return float(gpus)


class Budget(Section):
    """What a run may take in total, over all of its commands; None sets no limit.

    ``hours`` is the time for which its commands ran. ``trials`` that are in the ledger already, or
    are taken over from another run, do not count. When hours or ``epochs`` are spent nothing new
    starts and the running trials stop at their last checkpoint (with ``launcher: sequential`` after
    the epoch that is being computed); when trials are spent, those that run continue to their end.
    A raised budget continues the run.
    """

    hours: float | None = Field(None, gt=0)
    trials: int | None = Field(None, ge=1)
    epochs: int | None = Field(None, ge=1)
