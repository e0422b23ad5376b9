"""Trials that have been handed to a worker: ``running/KEY.json``, gone when the trial has ended.

After a kill these files say what was cut off: with which changes, so that the same suggestion is
made again, and for the how-many-th time, so that attempts are counted.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
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
    """

    key: str
    roles: tuple[Role, ...]
    started_at: str = ""
    attempts: int = 1


class RunningFolder:
    """The ``running`` folder of a run."""

    def __init__(self, run: Place) -> None:
        self._folder = run / FOLDER

    def write(self, trial: UnderWay) -> None:
        """Record that a trial is under way, whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        content = {
            "key": trial.key,
            "roles": [asdict(role) for role in trial.roles],
            "started_at": trial.started_at or datetime.now(UTC).isoformat(),
            "attempts": trial.attempts,
        }
        write_json(self._folder / f"{trial.key}.json", content)

    def remove(self, key: str) -> None:
        """Forget a trial that has ended."""
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
            return (
                UnderWay(
                    key=path.stem,
                    roles=roles,
                    started_at=content["started_at"],
                    attempts=content["attempts"],
                )
                if roles
                else None
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None


def write_json(path: Place, content: Mapping[str, Any] | Sequence[Any]) -> None:
    """Write a JSON file, whole or not at all; keys keep their order.

    Reports show the parameters and the ablation cells in the order of the space.
    """
    write_whole(path, (json.dumps(content, indent=2) + "\n").encode("utf-8"))


def _role(content: Mapping[str, Any]) -> Role:
    return Role(**content)
