"""Several objectives: what they are called, and which trials no other one beats in all of them.

Reports and the search both use it, so it knows neither.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.ledger.trials import Trial

COSTS: Mapping[str, str] = {
    "cost/trainable_parameters": "trainable_parameters",
    "cost/parameters": "parameters",
    "cost/inference_seconds": "inference_seconds",
    "cost/peak_memory_mib": "peak_memory_mib",
}
"""Objective -> its column of ``reports.ledger.schema.TRIALS``; all are better when smaller."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One objective: ``metric`` as in the space, ``mode`` min or max."""

    metric: str
    mode: str = "min"

    @property
    def column(self) -> str:
        """Return the column of ``trials`` that holds it."""
        return COSTS.get(self.metric) or self.metric.replace("/", "_")

    def value(self, trial: "Trial") -> float | None:
        """Return the value of a trial, None where there is no finite one."""
        value: float | None = trial.column(self.column)
        return None if value is None or not math.isfinite(value) else value

    def loss(self, trial: "Trial") -> float | None:
        """Return the value with the sign that makes smaller better."""
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
    """Return a trial's value for each objective, smaller better; None where one is missing."""
    found = [goal.loss(trial) for goal in goals]
    values = tuple(value for value in found if value is not None)
    return values if len(values) == len(found) else None


def pareto_set(points: Sequence[tuple[float, ...]]) -> list[int]:
    """Return the places of the points that no other point dominates, smaller being better.

    A point dominates another if it is nowhere greater and somewhere smaller; equal points stand
    or fall together. The places are in the order of the first coordinate, then of the others.

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


def best_keys(
    finished: "Iterable[tuple[int, Trial]]", goals: Sequence[Goal], count: int
) -> list[str]:
    """Return the keys of the ``count`` best finished trials of a search: those to be confirmed.

    Of several objectives the first one ranks, and only trials of the Pareto set count.

    Args:
        finished: number of the first suggestion and trial of each of them.
        goals: the objectives, the first one first.
        count: most keys.
    """
    ranked = sorted(
        (point, number, trial.key)
        for number, trial in finished
        if (point := losses(trial, goals)) is not None
    )
    if len(goals) > 1:
        ranked = [ranked[place] for place in pareto_set([point for point, _, _ in ranked])]
    return [key for _, _, key in ranked[:count]]


def _dominates(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))
