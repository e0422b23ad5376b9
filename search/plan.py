"""The plan of a space: a search, its confirmation, ablation cells x seeds, and how many trials."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ledger.roles import Role
from reports.ledger.schema import ABLATION
from search.option_values import Changes, OptionValue

if TYPE_CHECKING:
    from search.space import Space


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of an ablation.

    Attributes:
        group: the ablation's name.
        name: the cell's name.
        changes: dotted option -> value over the fixed values.
        alignment: the alignment of the data that its trials read.
        max_epochs: the most epochs of one trial, at least 1.
        runnable: whether the space names a file of that alignment.
    """

    group: str
    name: str
    changes: Changes
    alignment: str
    max_epochs: int
    runnable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The most that one ``run`` of a space will do.

    Attributes:
        name: the name of the space.
        search_trials: the configurations that the search tries, 0 without one; at most
            ``configurations``. With one seed each is one trial.
        search_seeds: the seeds of every configuration of the search, the leading one first.
        search_epochs: the most epochs of one trial of the search.
        give_up: the rule that may leave out other seeds of a configuration, ``none`` with one seed
            or several objectives.
        cells: the cells of all ablations, also those without data.
        seeds: the seeds of every cell.
        confirm_top: how many configurations are confirmed, at least 0.
        confirm_seeds: the seeds of every confirmed configuration.
        alignments: the alignments of the data files that the trials read.
        configurations: how many configurations the search can run, None for infinitely many; an
            upper bound where there are more than ``MOST_LISTED`` combinations.
    """

    name: str
    search_trials: int
    search_seeds: tuple[int, ...]
    search_epochs: int
    cells: tuple[Cell, ...]
    seeds: tuple[int, ...]
    confirm_top: int
    confirm_seeds: tuple[int, ...]
    alignments: tuple[str, ...]
    configurations: int | None = None
    give_up: str = "none"

    @property
    def search_seed(self) -> int:
        """Return the seed of the first trial of every configuration of the search."""
        return self.search_seeds[0]

    @property
    def search_runs(self) -> int:
        """Return the largest number of trials of the search: configurations x seeds."""
        return self.search_trials * len(self.search_seeds)

    @property
    def confirm_runs(self) -> int:
        """Return the largest number of trials of the confirmation."""
        return min(self.confirm_top, self.search_trials) * len(self.confirm_seeds)

    @property
    def ablation_runs(self) -> int:
        """Return the number of trials of the cells that can run."""
        return sum(cell.runnable for cell in self.cells) * len(self.seeds)

    @property
    def total(self) -> int:
        """Return the largest number of trials of the run."""
        return self.search_runs + self.confirm_runs + self.ablation_runs

    @property
    def epochs(self) -> int:
        """Return the largest number of epochs of the run, if no trial stops early."""
        cells = sum(cell.max_epochs for cell in self.cells if cell.runnable) * len(self.seeds)
        return (self.search_runs + self.confirm_runs) * self.search_epochs + cells

    @property
    def missing(self) -> tuple[Cell, ...]:
        """Return the cells that cannot run: the space has no data of their alignment."""
        return tuple(cell for cell in self.cells if not cell.runnable)

    def ablations(self) -> Iterator[Role]:
        """Yield the role of each runnable cell x seed, seeds innermost."""
        for cell in self.cells:
            if cell.runnable:
                for seed in self.seeds:
                    yield Role(
                        phase=ABLATION,
                        group=cell.group,
                        cell=cell.name,
                        seed=seed,
                        changes=cell.changes,
                    )


def build_plan(space: "Space") -> Plan:
    """Return the plan of a space."""
    search, confirm = space.search, space.confirm
    cells = tuple(_cells(space))
    configurations = _configurations(space)
    trials = search.trials if search else 0
    return Plan(
        name=space.name,
        search_trials=trials if configurations is None else min(trials, configurations),
        search_seeds=search.training_seeds if search else (0,),
        search_epochs=_search_epochs(space) if search else 0,
        cells=cells,
        seeds=space.seeds,
        confirm_top=confirm.top if confirm and search else 0,
        confirm_seeds=confirm.seeds if confirm and search else (),
        alignments=tuple(sorted(_alignments(space, cells))),
        configurations=configurations,
        give_up=search.give_up_rule if search else "none",
    )


def _configurations(space: "Space") -> int | None:
    from search.space.configurations import count_combinations, list_configurations

    if space.search is None:
        return None
    found = list_configurations(
        space.search, lambda each: space.experiment_of(each).model_dump_json()
    )
    if found is not None:
        return len(found)
    count = count_combinations(space.search.parameters)
    return None if count is None else count + len(space.search.start)


def _cells(space: "Space") -> Iterator[Cell]:
    for group, members in space.ablations.items():
        for name, changes in members.items():
            yield _cell(space, group, name=name, changes=changes)


def _alignments(space: "Space", cells: Sequence[Cell]) -> set[str]:
    """Return the alignments of the data files that trials read."""
    used = {space.experiment_of().alignment, *(cell.alignment for cell in cells if cell.runnable)}
    if space.search is not None:
        used |= {space.experiment_of(changes).alignment for changes in _alignment_choices(space)}
    return used


def _cell(space: "Space", group: str, *, name: str, changes: Changes) -> Cell:
    config = space.experiment_of(changes)
    return Cell(
        group=group,
        name=name,
        changes=changes,
        alignment=config.alignment,
        max_epochs=config.training.max_epochs,
        runnable=_has_data(space, config.alignment),
    )


def _has_data(space: "Space", alignment: str) -> bool:
    return space.data.dataset == "synthetic" or bool(space.data.named_files(alignment))


def _values(space: "Space", option: str) -> tuple[OptionValue, ...]:
    """Return the choices or the bounds of a searched option, nothing if it is not searched."""
    from search.space.parameters import ChoiceParameter

    parameter = space.search.parameters.get(option) if space.search else None
    if parameter is None:
        return ()
    if isinstance(parameter, ChoiceParameter):
        return parameter.choice
    return parameter.low, parameter.high


def _alignment_choices(space: "Space") -> list[Changes]:
    return [{"alignment": value} for value in _values(space, "alignment")] or [{}]


def _search_epochs(space: "Space") -> int:
    fixed = space.experiment_of().training.max_epochs
    searched = [each for each in _values(space, "training.max_epochs") if isinstance(each, int)]
    return max((fixed, *searched))
