"""Trials that have been handed to a worker: ``running/KEY.json``, removed when the trial has ended.

After a kill these files name the trials that were cut off, with their changes, so that the same
suggestions are made again, and with the attempt number.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from reports.ledger.json_file import read_json
from reports.ledger.places.storage import Place, each, write_whole
from reports.ledger.roles import Role
from reports.ledger.schema import PHASES
from reports.ledger.shape import Rule, Shape, mismatch, needed_values
from search.ledger.damage import set_aside

FOLDER = "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedTrial:
    """A trial that was handed out and has not ended.

    Attributes:
        key: the trial's key.
        roles: why the trial runs, at least one; the first role started it.
        started_at: ISO time, UTC, of the latest start.
        attempts: how often the trial was handed to a worker, at least 1.
        epoch: the last epoch that has ended, 0 before the first.
        max_epochs: the most epochs of the trial, None before the first has ended.
        value: the search's metric on validation after that epoch, None where it is undefined.
        epoch_seconds: the mean computing time of its epochs, None before the first has ended.
        epoch_at: ISO time, UTC, of the end of the last epoch; "" before the first has ended.
        node: the node that it runs on, "" before its first epoch has ended.
        stage: what its worker does before the first epoch, where that takes long; else "".
    """

    key: str
    roles: tuple[Role, ...]
    started_at: str = ""
    attempts: int = 1
    epoch: int = 0
    max_epochs: int | None = None
    value: float | None = None
    epoch_seconds: float | None = None
    epoch_at: str = ""
    node: str = ""
    stage: str = ""


_ROLE: Shape = {
    "phase": Rule(lambda value: value in PHASES, f"one of {', '.join(PHASES)}"),
    "group": str,
    "cell": str,
    "number": int,
    "seed": int,
    "changes": {},
}
_FORM: Shape = {
    "roles": [_ROLE],
    "started_at": str,
    "attempts": int,
    "epoch": int,
    "max_epochs": int,
    "value": float,
    "epoch_seconds": float,
    "epoch_at": str,
    "node": str,
    "stage": str,
}
_PLAIN = ("group", "cell", "number", "changes")
_SIMPLE = tuple(name for name in _FORM if name != "roles")


class RunningFolder:
    """The ``running`` folder of a run.

    Args:
        run: the run folder.

    Attributes:
        damaged: a line for each file that could not be read.
    """

    def __init__(self, run: Place) -> None:
        self.damaged: list[str] = []
        self._run = run
        self._folder = run / FOLDER
        self._written: dict[str, StartedTrial] = {}

    def write(self, trial: StartedTrial) -> None:
        """Record a trial that has started; its file appears whole or not at all."""
        started_at = trial.started_at or datetime.now(UTC).isoformat()
        trial = self._written[trial.key] = replace(trial, started_at=started_at)
        self._folder.mkdir(exist_ok=True)
        write_json(self._folder / f"{trial.key}.json", asdict(trial))

    def record_epoch(
        self,
        key: str,
        *,
        epoch: int,
        max_epochs: int,
        value: float,
        epoch_seconds: float,
        node: str,
    ) -> None:
        """Record an epoch of a trial that was written before."""
        self.write(
            replace(
                self._written[key],
                epoch=epoch,
                max_epochs=max_epochs,
                value=value if math.isfinite(value) else None,
                epoch_seconds=epoch_seconds,
                epoch_at=datetime.now(UTC).isoformat(),
                node=node,
                stage="",
            )
        )

    def record_stage(self, key: str, stage: str, *, node: str) -> None:
        """Record what the worker of a trial does before its first epoch."""
        self.write(replace(self._written[key], stage=stage, node=node))

    def node_of(self, key: str) -> str:
        """Return the node of a trial that was written before, "" before its first report."""
        return self._written[key].node

    def remove(self, key: str) -> None:
        """Remove the file of a trial that has ended."""
        self._written.pop(key, None)
        (self._folder / f"{key}.json").unlink(missing_ok=True)

    def read(self) -> list[StartedTrial]:
        """Return the trials of all files, in the order of their first roles.

        ``damaged`` names the files that cannot be read.
        """
        return self._read(lambda path, why: f"left out the damaged {FOLDER}/{path.name} ({why})")

    def read_or_set_aside(self) -> list[StartedTrial]:
        """Return what ``read`` returns; move files that cannot be read to ``damaged``."""
        return self._read(
            lambda path, why: f"{set_aside(self._run, path, why=why)}, and its trial starts anew"
        )

    def _read(self, name: Callable[[Place, str], str]) -> list[StartedTrial]:
        paths = sorted(self._folder.glob("*.json"))
        found = []
        for path, trial in zip(paths, each(_read_file, paths), strict=True):
            if isinstance(trial, StartedTrial):
                found.append(trial)
            elif trial:
                self.damaged.append(name(path, trial))
        return sorted(
            found, key=lambda trial: (trial.roles[0].phase, trial.roles[0].number, trial.key)
        )


def _read_file(path: Place) -> StartedTrial | str:
    """Return the trial of a file, or why it cannot be read; "" where the file has been removed."""
    try:
        content = read_json(path)
        problem = mismatch(content, _FORM)
        if problem:
            raise ValueError(problem)
        roles = tuple(_role(each) for each in needed_values(content, ["roles"])["roles"])
    except FileNotFoundError:
        return ""
    except ValueError as error:
        return str(error)
    known = {name: content[name] for name in _SIMPLE if content.get(name) is not None}
    return StartedTrial(key=path.stem, roles=roles, **known) if roles else "it names no role"


def write_json(path: Place, content: Mapping[str, Any] | Sequence[Any]) -> None:
    """Write a JSON file, whole or not at all.

    Keys keep their order, since reports show parameters and cells in the order of the space.
    """
    write_whole(path, (json.dumps(content, indent=2) + "\n").encode("utf-8"))


def _role(content: Mapping[str, Any]) -> Role:
    known = {name: content[name] for name in _PLAIN if content.get(name) is not None}
    return Role(**known, **needed_values(content, ["phase", "seed"]))
