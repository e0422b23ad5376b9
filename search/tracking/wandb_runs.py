"""A run in W&B: one W&B run for each of its trials, in a group of the run's name.

Mode, server, project and folder are W&B's own settings (``WANDB_MODE``, ``WANDB_BASE_URL``,
``WANDB_PROJECT``, ``WANDB_DIR``); without a key it works offline, so that nothing ever asks for
one. The id of a W&B run is made of the run and the trial's key: a continued run goes on in it.
Offline the folder of a trial that continues is replaced, since its epochs are reported again.
"""

import netrc
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reports.ledger import schema
from reports.ledger.roles import Role
from reports.ledger.trials import Trial
from search.option_values import Changes
from search.tracking.protocol import EpochValues, TrackedRun, TrackedTrial
from sugrm.config import nested

if TYPE_CHECKING:
    from wandb import Run

_KEYS = ("WANDB_API_KEY", "WANDB_IDENTITY_TOKEN_FILE")
_HOST = "https://api.wandb.ai"
_SYNCED = "run-*.wandb.synced"
_START_SECONDS = 20.0  # for a server's answer; W&B's own 90 would hold the end of the process
_FINISH_SECONDS = 20.0  # for what has not been sent when a trial ends


def open_tracker(run: TrackedRun) -> "WandbTracker":
    """Return the tracker of a run; W&B is imported with its first trial."""
    os.environ.setdefault("WANDB_SILENT", "true")  # its lines would break the view of the run
    return WandbTracker(run)


class WandbTracker:
    """Write a run to W&B.

    Args:
        run: the run.
    """

    def __init__(self, run: TrackedRun) -> None:
        self._run = run
        self._open: dict[str, Run] = {}

    def start_trial(self, trial: TrackedTrial) -> None:
        """Make the W&B run of a trial, or go on in it."""
        self._open[trial.key] = self._start(
            self._id(trial.key),
            name=trial.label,
            job_type=trial.role.phase,
            values={**dict(trial.values), "trial": trial.key},
        )

    def write_epochs(self, key: str, epochs: Sequence[EpochValues]) -> None:
        """Write the epochs that W&B does not have yet; the step is the epoch."""
        run = self._open[key]
        for epoch in epochs:
            if epoch.epoch >= run.step:
                run.log(dict(epoch.scalars), step=epoch.epoch)

    def end_trial(self, trial: Trial) -> None:
        """End the W&B run of a trial; a trial that was stopped early counts as finished."""
        run = self._open.pop(trial.key)
        run.summary["status"] = trial.status
        run.finish(exit_code=int(trial.status == schema.FAILED))

    def lacking(self, trials: Mapping[str, tuple[Trial, Role]]) -> list[str]:
        """Return the keys of the trials that have no folder of W&B here."""
        return [key for key in trials if not any(_folder().glob(f"*run-*-{self._id(key)}"))]

    def attach_report(self, page: Path) -> None:
        """Keep the page as a W&B run of its own."""
        import wandb

        run = self._start(self._id("report"), name=f"{self._run.name} report", job_type="report")
        run.log({"report": wandb.Html(page.read_text(encoding="utf-8"), inject=False)})
        run.finish()

    def close(self, *, done: bool) -> None:
        """Mark the trials that have not ended as crashed; continued, they go on."""
        for run in self._open.values():
            run.finish(exit_code=255)
        self._open.clear()

    def _id(self, key: str) -> str:
        return f"{self._run.identity}-{key[:16]}"

    def _start(
        self, identity: str, *, name: str, job_type: str, values: Changes | None = None
    ) -> "Run":
        import wandb

        is_offline = _mode() == "offline"
        if is_offline:
            _remove_unsent(identity)
        settings = wandb.Settings(
            silent=True,
            console="off",
            disable_git=True,
            save_code=False,
            disable_job_creation=True,
            x_disable_stats=True,
            init_timeout=_START_SECONDS,
            finish_timeout=_FINISH_SECONDS,
        )
        return wandb.init(
            id=identity,
            project=os.environ.get("WANDB_PROJECT") or self._run.name,
            group=self._run.name,
            name=name,
            job_type=job_type,
            config=nested(values or {}),
            dir=str(_folder().parent),
            mode="offline" if is_offline else None,
            resume="allow",
            reinit="create_new",
            settings=settings,
        )


def _mode() -> str:
    """Return the mode that the environment asks for; without a key it is ``offline``."""
    asked = os.environ.get("WANDB_MODE", "")
    return asked or ("online" if _has_key() else "offline")


def _has_key() -> bool:
    if any(os.environ.get(name) for name in _KEYS):
        return True
    host = urlsplit(os.environ.get("WANDB_BASE_URL") or _HOST).hostname or ""
    try:
        return netrc.netrc(os.environ.get("NETRC")).authenticators(host) is not None
    except (OSError, netrc.NetrcParseError):
        return False


def _folder() -> Path:
    return Path(os.environ.get("WANDB_DIR") or ".") / "wandb"


def _remove_unsent(name: str) -> None:
    """Remove what an earlier command wrote offline of a W&B run, unless it has been sent."""
    for folder in _folder().glob(f"offline-run-*-{name}"):
        if not any(folder.glob(_SYNCED)):
            shutil.rmtree(folder, ignore_errors=True)
