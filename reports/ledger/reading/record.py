"""Reading ``experiment.json``, checked: every field has the form that a run writes."""

from collections.abc import Mapping
from typing import Any

from reports.errors import ReportError
from reports.ledger.goals import Goal
from reports.ledger.json_file import read_json
from reports.ledger.places.storage import Place
from reports.ledger.schema import TRIALS
from reports.ledger.shape import COUNT, LIST, TIME, AnyOf, Each, Rule, Shape, mismatch

FILE = "experiment.json"

_GOAL: Shape = {
    "metric": Rule(lambda value: Goal(str(value)).column in TRIALS.names, "a metric of the ledger"),
    "mode": Rule(lambda value: value in ("min", "max"), "min or max"),
}
_DATASET: Shape = {
    "name": str,
    "title": str,
    "metrics": str,
    "label_bound": float,
    "unimodal_labels": Each(str),
}
_SPACE: Shape = {
    "name": str,
    "data": {
        "dataset": AnyOf((str, _DATASET)),
        **dict.fromkeys(("unaligned", "aligned", "text", "audio", "vision"), str),
    },
    "experiment": {"alignment": str},
    "search": {
        "trials": COUNT,
        "objective": AnyOf((_GOAL, [_GOAL])),
        "parameters": Each(
            {"choice": LIST, "low": float, "high": float, "log": bool, "when": Each(LIST)}
        ),
        "scheduler": {"name": str, "min_epochs": COUNT, "reduction": COUNT},
    },
    "confirm": {"top": COUNT, "seeds": [int]},
    "ablations": Each(Each({})),
    "baselines": Each(str),
    "seeds": [int],
    "budget": Each(float),
}
_VERSION: Shape = {
    "space": _SPACE,
    "source": str,
    "command": str,
    "data": Each(str),
    "reading": Each([str]),
    "plugins": Each({"digest": str, "files": Each(str)}),
    "environment": {
        "python": str,
        "packages": Each(str),
        "git": {"commit": str, "modified": bool},
        "machine": {"system": str, "cpu": str, "cpus": int, "memory_gib": float, "gpus": [str]},
    },
    "total": COUNT,
    "search_trials": COUNT,
    "started_at": TIME,
}
_RECORD: Shape = {"name": str, "versions": [_VERSION]}


class RecordError(ReportError):
    """``experiment.json`` is not what a run writes; the message is the reason, in one line."""


def read_record(folder: Place) -> dict[str, Any] | None:
    """Return what ``experiment.json`` of the run ``folder`` holds, None where there is none.

    Where the file has no name of the run, it is that of the folder.

    Raises:
        RecordError: the file is not what a run writes.
        StorageError: an object store does not answer.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        record = read_json(path)
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise RecordError(str(error)) from None
    problem = mismatch(record, _RECORD) or _missing_value(record)
    if problem:
        raise RecordError(problem)
    return {**record, "name": record.get("name") or folder.name}


def _missing_value(record: Mapping[str, Any]) -> str | None:
    """Return which required value is missing, None where none is."""
    if record.get("versions") is None:
        return "versions is missing"
    for place, version in enumerate(record["versions"]):
        if version.get("space") is None:
            return f"versions.{place}.space is missing"
    return None
