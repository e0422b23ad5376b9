"""The confirmed configurations, and the one that validation chose."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reports.ledger.goals import best_keys
from reports.ledger.reading.load import Results
from reports.ledger.schema import CONFIRM
from reports.results.search_entries import search_entries
from reports.results.seed_groups import SeedGroup, roles_by, seed_group_of
from reports.statistics import best_index, summarise


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """The confirmed configurations.

    Attributes:
        configurations: the configurations, in the order of their ranks in the search.
        chosen: place of the one that validation chose; None before one has finished.
        earlier: configurations that were confirmed but are no longer among the best.
    """

    configurations: tuple[SeedGroup, ...]
    chosen: int | None
    earlier: tuple[SeedGroup, ...] = ()

    @property
    def best(self) -> SeedGroup | None:
        """Return the configuration that validation chose; None before one has finished."""
        return None if self.chosen is None else self.configurations[self.chosen]

    @property
    def best_label(self) -> str:
        """Return its label in tables: ``2 (chosen)``; "" before one has finished."""
        return "" if self.chosen is None else self.label(self.chosen)

    @property
    def best_title(self) -> str:
        """Return its name for a sentence; "" before one has finished."""
        if self.chosen is None:
            return ""
        return f"confirmed configuration {self.chosen + 1}, chosen on validation"

    def label(self, place: int) -> str:
        """Return the label of the configuration at ``place`` in tables."""
        return f"{place + 1} (chosen)" if place == self.chosen else str(place + 1)

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the label of each configuration by its group; earlier ones are marked."""
        marked = {each.group: f"{each.number + 1}, no longer chosen" for each in self.earlier}
        present = {each.group: self.label(n) for n, each in enumerate(self.configurations)}
        return {**marked, **present}


@lru_cache(maxsize=256)  # nearly every table and figure asks for it, those of several runs too
def confirmation_of(results: Results) -> Confirmation:
    """Return the confirmed configurations, in the order of their ranks when they were confirmed.

    Those that are no longer among the best are listed apart: the search continued and found
    better ones.
    """
    groups = roles_by(results, CONFIRM, label=lambda role: role.group)
    if not groups:
        return Confirmation(configurations=(), chosen=None)
    seeds = results.experiment.confirm_seeds
    found = [
        seed_group_of(results, roles[0], roles=roles, planned=seeds) for roles in groups.values()
    ]
    ordered = sorted(found, key=lambda configuration: configuration.number)
    left = _no_longer_chosen(results)
    configurations = tuple(each for each in ordered if each.group not in left)
    return Confirmation(
        configurations=configurations,
        chosen=_chosen(results, configurations),
        earlier=tuple(each for each in ordered if each.group in left),
    )


def _no_longer_chosen(results: Results) -> set[str]:
    """Return the keys of the search's trials that are not among those that the run confirms."""
    space = results.experiment.space
    if not space.get("search"):
        return set()
    entries = search_entries(results)
    # Only ranked trials compete: those on earlier data cannot be compared with the others.
    ranked = ((entry.numbers[0], entry.trial) for entry in entries if entry.rank is not None)
    top = (space.get("confirm") or {}).get("top") or 1
    chosen = set(best_keys(ranked, results.experiment.goals, count=top))
    return {entry.trial.key for entry in entries} - chosen


def _chosen(results: Results, configurations: Sequence[SeedGroup]) -> int | None:
    """Return which configuration has the best mean of the objective on validation.

    Only those with the most finished seeds compete, so that a lucky single seed does not win.
    """
    most = max((len(configuration.finished) for configuration in configurations), default=0)
    means = []
    for configuration in configurations:
        values = list(configuration.values("valid", results.experiment.metric).values())
        summary = summarise(values) if len(configuration.finished) == most else None
        means.append(math.nan if summary is None else summary.mean)
    return best_index(means, results.experiment.mode)
