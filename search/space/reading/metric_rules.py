"""Rules on metrics: a trial has those of the dataset of its space."""

from collections.abc import Iterator

from search.space.findings import Path, nearest, one_of, shown
from search.space.reading.document import Draft
from sugrm.config.sections.datasets import load_dataset
from sugrm.errors import SugrmError
from sugrm.metrics import METRIC_MODES, METRIC_NAMES

_MONITOR = "training.monitor"
_VALID = "valid/"


def check_metrics(draft: Draft) -> None:
    """Note every objective and monitor that the dataset of the space does not have."""
    try:
        dataset = load_dataset(draft.mapping("data").get("dataset"))
    except SugrmError:  # it has its own fault
        return
    known = [f"{_VALID}{name}" for name in METRIC_NAMES[dataset.metrics]]
    for path, metric in (*_objectives(draft), *_monitors(draft)):
        is_metric = isinstance(metric, str) and metric.removeprefix(_VALID) in METRIC_MODES
        if is_metric and metric not in known:
            draft.refuse(
                path,
                f"a metric that the dataset {dataset.name} does not have",
                got=shown(metric),
                expected=one_of(known),
                suggestion=nearest(metric, known),
            )


def _objectives(draft: Draft) -> Iterator[tuple[Path, object]]:
    given = draft.mapping("search").get("objective")
    path: Path = ("search", "objective")
    if isinstance(given, dict):
        yield (*path, "metric"), given.get("metric")
    elif isinstance(given, list):
        for place, one in enumerate(given):
            if isinstance(one, dict):
                yield (*path, place, "metric"), one.get("metric")


def _monitors(draft: Draft) -> Iterator[tuple[Path, object]]:
    yield (
        ("experiment", "training", "monitor"),
        draft.mapping("experiment", "training").get("monitor"),
    )
    choices = draft.mapping("search", "parameters", _MONITOR).get("choice")
    if isinstance(choices, list):
        for place, choice in enumerate(choices):
            yield ("search", "parameters", _MONITOR, "choice", place), choice
    for group in draft.mapping("ablations"):
        for cell in draft.mapping("ablations", group):
            changes = draft.mapping("ablations", group, cell)
            yield ("ablations", group, cell, _MONITOR), changes.get(_MONITOR)
