"""The objectives of a search: their values, the best trials and the Pareto set."""

import math
from bisect import bisect, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.ledger.trials import Trial

COSTS: Mapping[str, str] = {
    "cost/trainable_parameters": "trainable_parameters",
    "cost/parameters": "parameters",
    "cost/inference_seconds": "inference_seconds",
    "cost/peak_memory_mib": "peak_memory_mib",
}
"""Objective -> its column of ``reports.ledger.schema.TRIALS``; a smaller value is better."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One objective.

    Attributes:
        metric: the metric or cost, as in ``valid/mae`` or ``cost/parameters``.
        mode: ``min`` or ``max``.
    """

    metric: str
    mode: str = "min"

    @property
    def column(self) -> str:
        """Return the column of ``trials`` that holds the objective."""
        return COSTS.get(self.metric) or self.metric.replace("/", "_")

    def value(self, trial: "Trial") -> float | None:
        """Return the objective of a trial, None where it is not finite."""
        value: float | None = trial.column(self.column)
        return None if value is None or not math.isfinite(value) else value

    def loss(self, trial: "Trial") -> float | None:
        """Return the objective of a trial with the sign for which smaller is better."""
        value = self.value(trial)
        return -value if value is not None and self.mode == "max" else value


def goals_of(search: Mapping[str, Any]) -> tuple[Goal, ...]:
    """Return the objectives of a space's search section, the first one first."""
    given = search.get("objective") or {}
    sections = [given] if isinstance(given, Mapping) else list(given)
    return tuple(
        Goal(str(each.get("metric") or "valid/mae"), "max" if each.get("mode") == "max" else "min")
        for each in sections or [{}]
    )


def losses(trial: "Trial", goals: Sequence[Goal]) -> tuple[float, ...] | None:
    """Return a trial's loss for each objective; None where one is missing."""
    found = [goal.loss(trial) for goal in goals]
    values = tuple(value for value in found if value is not None)
    return values if len(values) == len(found) else None


def pareto_set(points: Sequence[tuple[float, ...]]) -> list[int]:
    """Return the places of the points that no other point dominates; smaller is better.

    A point dominates another if no coordinate is greater and one is smaller; equal points do not
    dominate each other. The places are in the order of the first coordinate, then of the others.

    >>> pareto_set([(1.0, 5.0), (2.0, 5.0), (2.0, 1.0), (1.0, 5.0)])
    [0, 3, 2]
    """
    front: list[int] = []
    # A point that dominates another sorts before it, so only the front can hold one.
    for place in sorted(range(len(points)), key=lambda place: (points[place], place)):
        point = points[place]
        # Along a front of two objectives the second only falls: its last point is the least.
        rivals = front[-1:] if len(point) == 2 else front
        if not any(_dominates(points[other], point) for other in rivals):
            front.append(place)
    return front


class Ranking:
    """The finished trials of a search, best first; trials may be added one by one.

    In a search with several seeds each is the mean trial of a configuration
    (``reports.ledger.reading.searched``). With several objectives the first one ranks the trials
    of the Pareto set, and no others count.

    Args:
        goals: the objectives, the first one first.
        finished: the number of its first suggestion and the trial, for each finished trial.
    """

    def __init__(self, goals: Sequence[Goal], finished: "Iterable[tuple[int, Trial]]") -> None:
        self._goals = goals
        self._ranked = sorted(
            (point, number, trial.key)
            for number, trial in finished
            if (point := losses(trial, goals)) is not None
        )
        if len(goals) > 1:
            front = pareto_set([point for point, _, _ in self._ranked])
            self._ranked = [self._ranked[place] for place in front]

    def add(self, number: int, trial: "Trial") -> None:
        """Add a finished trial, with the number of its first suggestion."""
        point = losses(trial, self._goals)
        if point is None:
            return
        if len(self._goals) > 1:
            if any(_dominates(other, point) for other, _, _ in self._ranked):
                return
            self._ranked = [each for each in self._ranked if not _dominates(point, each[0])]
        insort(self._ranked, (point, number, trial.key))

    def best(self, count: int) -> list[str]:
        """Return the keys of the ``count`` best trials: those to be confirmed."""
        return [key for _, _, key in self._ranked[:count]]


class BestSoFar:
    """The best configuration of a search at any time, by one objective.

    Args:
        goal: the objective.
        finished: the number of its first suggestion and the mean trial of each configuration.
    """

    def __init__(self, goal: Goal, finished: "Iterable[tuple[int, Trial]]") -> None:
        self._goal = goal
        self._ends: list[tuple[datetime, float, int, str]] = []
        self._best: list[tuple[float, int, str]] = []  # of all up to the same place
        for end in sorted(end for each in finished if (end := self._end(*each)) is not None):
            self._append(end)

    def add(self, number: int, trial: "Trial") -> None:
        """Add a configuration; this takes the same time however many there are, if it is last."""
        end = self._end(number, trial)
        if end is None:
            return
        place = bisect(self._ends, end)
        later = self._ends[place:]
        del self._ends[place:], self._best[place:]
        for each in (end, *later):
            self._append(each)

    def at(self, time: datetime) -> str | None:
        """Return the key of the best configuration of those that were complete at a time."""
        place = bisect(self._ends, time, key=lambda end: end[0])
        return self._best[place - 1][-1] if place else None

    def _end(self, number: int, trial: "Trial") -> tuple[datetime, float, int, str] | None:
        loss = self._goal.loss(trial)
        return None if loss is None else (trial.ended_at, loss, number, trial.key)

    def _append(self, end: tuple[datetime, float, int, str]) -> None:
        self._ends.append(end)
        self._best.append(min(end[1:], self._best[-1]) if self._best else end[1:])


def best_keys(
    finished: "Iterable[tuple[int, Trial]]", goals: Sequence[Goal], *, count: int
) -> list[str]:
    """Return the keys of the ``count`` best finished trials of a search: those to be confirmed.

    Args:
        finished: the number of its first suggestion and the trial, for each finished trial.
        goals: the objectives, the first one first.
        count: the most keys, at least 0.
    """
    return Ranking(goals, finished).best(count)


def _dominates(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))
