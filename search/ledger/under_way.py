"""Trials that have been handed to a worker: ``running/KEY.json``, gone when the trial has ended.

After a kill these files say what was cut off: with which changes, so that the same suggestion is
made again, and for the how-many-th time, so that attempts are counted.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from reports.storage import Place, each, write_whole
from search.plan import Role

FOLDER = "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A trial that was handed out and has not ended.

    Attributes:
        key: of the trial.
        roles: why it runs; the first one started it.
        started_at: ISO time, UTC, of the latest start.
        attempts: how often it was handed to a worker.
        epoch: that it has ended, 0 before the first.
        max_epochs: of it.
        value: of the search's metric on validation at that epoch; None where undefined.
        node: that it runs on, "" before its first epoch.
    """

    key: str
    roles: tuple[Role, ...]
    started_at: str = ""
    attempts: int = 1
    epoch: int = 0
    max_epochs: int | None = None
    value: float | None = None
    node: str = ""


_SIMPLE = tuple(field for field in fields(UnderWay) if field.name not in ("key", "roles"))


class RunningFolder:
    """The ``running`` folder of a run."""

    def __init__(self, run: Place) -> None:
        self._folder = run / FOLDER
        self._written: dict[str, UnderWay] = {}

    def write(self, trial: UnderWay) -> None:
        """Record that a trial is under way, whole or not at all."""
        started_at = trial.started_at or datetime.now(UTC).isoformat()
        trial = self._written[trial.key] = replace(trial, started_at=started_at)
        self._folder.mkdir(parents=True, exist_ok=True)
        write_json(self._folder / f"{trial.key}.json", asdict(trial))

    def reached(self, key: str, *, epoch: int, max_epochs: int, value: float, node: str) -> None:
        """Record how far a trial is that was written before."""
        known = value if math.isfinite(value) else None
        trial = self._written[key]
        self.write(replace(trial, epoch=epoch, max_epochs=max_epochs, value=known, node=node))

    def remove(self, key: str) -> None:
        """Forget a trial that has ended."""
        self._written.pop(key, None)
        (self._folder / f"{key}.json").unlink(missing_ok=True)

    def read(self) -> list[UnderWay]:
        """Return the trials under way, in the order of their first role; damaged files are none."""
        found = list(each(self._read, sorted(self._folder.glob("*.json"))))
        return sorted(
            (trial for trial in found if trial is not None),
            key=lambda trial: (trial.roles[0].phase, trial.roles[0].number, trial.key),
        )

    def _read(self, path: Place) -> UnderWay | None:
        try:
            content = json.loads(path.read_bytes().decode("utf-8"))
            roles = tuple(_role(each) for each in content["roles"])
            known = {field.name: content[field.name] for field in _SIMPLE if field.name in content}
            return UnderWay(key=path.stem, roles=roles, **known) if roles else None
        except (OSError, ValueError, KeyError, TypeError):
            return None


def write_json(path: Place, content: Mapping[str, Any] | Sequence[Any]) -> None:
    """Write a JSON file, whole or not at all; keys keep their order.

    Reports show the parameters and the ablation cells in the order of the space.
    """
    write_whole(path, (json.dumps(content, indent=2) + "\n").encode("utf-8"))


def _role(content: Mapping[str, Any]) -> Role:
    return Role(**content)
