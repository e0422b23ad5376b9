"""The checked contents of a space file."""

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from pydantic import Field, PrivateAttr, field_validator

from reports.ledger.places.storage import REPORT_OF_ALL
from search.option_values import Changes
from search.space.findings import shown
from search.space.origin import Origin
from search.space.sections import (
    PUBLISHED_SEEDS,
    Budget,
    CheckpointConfig,
    ConfirmConfig,
    LauncherName,
    PlainChanges,
    Resources,
    SearchConfig,
    Seeds,
    TrackerName,
    Trackers,
)
from sugrm.config import DataConfig, ExperimentConfig, nested, resolve
from sugrm.config.registry import PluginSource, sources_of
from sugrm.config.sections.section import Section

PluginName = Annotated[str, Field(min_length=1)]


class Space(Section):
    """Everything that one command runs: a search, its confirmation, and ablations.

    The search's trials are trained with ``search.seed``, 1110 unless given: not one of the
    published seeds 1111 to 1115, which ``confirm`` and ``ablations`` take by default (``seeds``).
    So a confirmation never repeats the run that chose its configuration.

    ``plugins`` names modules that add systems, losses and datasets: Python files or packages beside
    the space, or installed ones. Their code is executed when the space is read
    (docs/own_model.md).

    A group of ``ablations`` holds cells, each a mapping of dotted options to values. Beside a cell
    ``baseline`` the key ``leave_one_out`` adds one cell for each component, ``without COMPONENT``:
    the baseline's changes and those that leave the component out. It is a list of components, or a
    mapping of own names to changes.

    ``baselines`` names, by group, the cell that the others are compared with. By
    default that is the cell ``baseline``, else the first cell without changes, else the first cell.

    After ``stop_after_failures`` failed trials in a row, a command in which no trial has finished
    starts no more trials: the cause is probably the same for all. 0 sets no limit. The section
    ``search`` has the option too; given there, it also holds for the whole command.

    ``tracking`` names what shows the run beside its report: ``tensorboard`` (files in the run's
    folder), ``mlflow``, ``wandb``, ``optuna`` (a journal of the search for optuna-dashboard), see
    docs/trackers.md. ``[]`` is none. It changes neither trials nor their keys.
    """

    name: str
    plugins: tuple[PluginName, ...] = ()
    data: DataConfig
    experiment: dict[str, Any] = Field(default_factory=dict)
    search: SearchConfig | None = None
    confirm: ConfirmConfig | None = None
    ablations: dict[str, dict[str, PlainChanges]] = Field(default_factory=dict)
    baselines: dict[str, str] = Field(default_factory=dict)
    seeds: Seeds = PUBLISHED_SEEDS
    resources: Resources = Resources()
    budget: Budget = Budget()
    checkpoints: CheckpointConfig = CheckpointConfig()
    stop_after_failures: int = Field(5, ge=0)
    tracking: Trackers = ("tensorboard",)
    _origin: Origin = PrivateAttr(Origin())

    @field_validator("name")
    @classmethod
    def _names_a_folder(cls, name: str) -> str:
        if not re.fullmatch(r"[a-z0-9_][a-z0-9_-]{0,99}", name):
            raise ValueError(
                f"not a valid folder name; got {shown(name)}; expected 1 to 100 lowercase "
                "letters, digits, - and _, not starting with -"
            )
        if name == REPORT_OF_ALL:
            raise ValueError(
                f"reserved for the report of all runs; got {shown(name)}; expected another name"
            )
        return name

    def __repr__(self) -> str:
        """Return the name, what runs, and the dataset."""
        parts = [*self._work(), f"data {self.data.description.name}"]
        return f"Space({self.name!r}: {'; '.join(parts)})"

    __str__ = __repr__

    def _work(self) -> Iterator[str]:
        if self.search is not None:
            names = _counted(len(self.search.parameters), "parameter")
            count = len(self.search.training_seeds)
            each = f", each with {count} seeds" if count > 1 else ""
            noun = "configuration" if count > 1 else "trial"
            yield f"search of {_counted(self.search.trials, noun)} over {names}{each}"
        if self.search is not None and self.confirm is not None:
            seeds = _counted(len(self.confirm.seeds), "seed")
            yield f"confirm the best {self.confirm.top} over {seeds}"
        for group, cells in self.ablations.items():
            seeds = _counted(len(self.seeds), "seed")
            yield f"ablation {group}: {_counted(len(cells), 'cell')} over {seeds}"

    @property
    def failures_in_a_row(self) -> int:
        """The number of failed trials in a row that ends a command, 0 for any number."""
        if self.search is not None and self.search.stop_after_failures is not None:
            return self.search.stop_after_failures
        return self.stop_after_failures

    @property
    def origin(self) -> Origin:
        """What the space was read from."""
        return self._origin

    @property
    def plugin_sources(self) -> tuple[PluginSource, ...]:
        """The plug-ins of the space, and the installed ones that its experiments use."""
        cells = (changes for group in self.ablations.values() for changes in group.values())
        experiments = [self.experiment_of(changes) for changes in ({}, *cells)]
        used = (source for each in experiments for source in sources_of(each))
        found = {source.module: source for source in (*self._origin.plugins, *used)}
        return tuple(found.values())

    @property
    def is_as_read(self) -> bool:
        """Whether the space is what ``load_space`` returned, not a copy with other values."""
        return self._origin.values == self.to_dict()

    def with_origin(self, origin: Origin) -> "Space":
        """Return a copy of the space that remembers what it was read from."""
        copy = self.model_copy()
        copy._origin = origin
        return copy

    def tracked_by(self, names: Iterable[TrackerName]) -> "Space":
        """Return a copy of the space that these trackers show as well."""
        return self.model_copy(update={"tracking": tuple(dict.fromkeys((*self.tracking, *names)))})

    def launched_by(self, name: LauncherName) -> "Space":
        """Return a copy of the space whose trials this launcher starts."""
        resources = self.resources.model_copy(update={"launcher": name})
        return self.model_copy(update={"resources": resources})

    def experiment_of(self, changes: Changes | None = None) -> ExperimentConfig:
        """Return the experiment of the fixed values with dotted ``changes`` over them.

        Raises:
            pydantic.ValidationError: the values do not go together.
        """
        return resolve(self.experiment, nested(changes or {}))

    def to_dict(self) -> dict[str, Any]:
        """Return the space as plain JSON data, defaults filled in."""
        return self.model_dump(mode="json")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
