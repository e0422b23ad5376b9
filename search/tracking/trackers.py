"""All trackers of a run, as the driver uses them."""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from search.ledger.experiment_file import read_experiment
from search.tracking.background import BackgroundTracker
from search.tracking.optuna_journal import OptunaJournal
from search.tracking.packages import BACKGROUND, JOURNAL, maker
from search.tracking.protocol import TrackedRun
from search.tracking.recorded import RecordedTrials, send_lacking
from search.tracking.report_page import write_page
from search.tracking.tensorboard import TensorBoardWriter
from search.tracking.values import Curve, starting

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place
    from reports.ledger.trials import Trial
    from search.ledger import Ledger
    from search.queue.queued_trial import QueuedTrial
    from search.space import Space
    from sugrm import EpochRecord

_WAIT_SECONDS = 30.0  # at the end of a command, for what a server has not yet got


class Trackers:
    """Show the trials of a run wherever its space asks for it.

    Args:
        folder: the run folder.
        files: the tracker whose files lie in that folder, if the run has it. It is written to at
            once, and what it raises ends the run, as an error of the ledger does.
        others: trackers with threads of their own.
        warn: gets a line when one of these fails; it is called from the driver's thread.
    """

    def __init__(
        self,
        folder: "Place",
        *,
        files: TensorBoardWriter | None,
        others: Iterable[BackgroundTracker],
        warn: Callable[[str], None],
    ) -> None:
        self._folder, self._files, self._others = folder, files, tuple(others)
        self._warn = warn
        self._curves: dict[str, Curve] = {}

    def send_recorded(self, ledger: "Ledger") -> None:
        """Send the trials of the ledger that a tracker lacks."""
        if self._others and ledger.trials:
            trials = RecordedTrials.of(ledger)
            for tracker in self._others:
                tracker.add(partial(send_lacking, trials))

    def start_trial(self, item: "QueuedTrial") -> None:
        """Show a trial that starts or continues."""
        trial = starting(item.trial, item.role)
        self._curves[trial.key] = Curve(item.trial.config.training.monitor)
        if self._files is not None:
            self._files.start_trial(trial)
        for tracker in self._others:
            tracker.start_trial(trial)
        self._pass_warnings()

    def write_epoch(self, key: str, record: "EpochRecord") -> None:
        """Show an epoch of a trial."""
        epoch = self._curves[key].values(record)
        if self._files is not None:
            self._files.write_epochs(key, [epoch])
        for tracker in self._others:
            tracker.write_epoch(key, epoch)
        self._pass_warnings()

    def end_trial(self, trial: "Trial") -> None:
        """Show how a trial has ended."""
        del self._curves[trial.key]
        if self._files is not None:
            self._files.end_trial(trial)
        for tracker in self._others:
            tracker.end_trial(trial)
        self._pass_warnings()

    def close_files(self) -> None:
        """Close the files in the run folder: no trial runs any more."""
        if self._files is not None:
            self._files.close()

    def close(self, *, done: bool) -> None:
        """End the trackers; if the plan is ``done``, they get the report of the run before."""
        others, self._others = self._others, ()
        if not others:
            return
        with tempfile.TemporaryDirectory(prefix="sugrm-tracking-") as scratch:
            page = self._page(Path(scratch)) if done else None
            for tracker in others:
                if page is not None:
                    tracker.attach_report(page)
                tracker.close(done=done, wait_seconds=_WAIT_SECONDS)
                for line in tracker.take_warnings():
                    self._warn(line)

    def _page(self, folder: Path) -> Path | None:
        try:
            return write_page(self._folder, folder)
        except Exception as error:  # a report that cannot be made must not end the run
            self._warn(f"the trackers get no report: {error}")
            return None

    def _pass_warnings(self) -> None:
        for tracker in self._others:
            for line in tracker.take_warnings():
                self._warn(line)


def open_trackers(space: "Space", folder: "Place", *, warn: Callable[[str], None]) -> Trackers:
    """Return the trackers that a space asks for, over its run in ``folder``."""
    run, has_files = _tracked_run(space, folder), "tensorboard" in space.tracking
    return Trackers(
        folder,
        files=TensorBoardWriter(folder / "tensorboard") if has_files else None,
        others=[
            *(
                BackgroundTracker(BACKGROUND[name].title, partial(maker(name), run))
                for name in space.tracking
                if name in BACKGROUND
            ),
            *_journal(space, folder, run=run, warn=warn),
        ],
        warn=warn,
    )


def _journal(
    space: "Space", folder: "Place", *, run: TrackedRun, warn: Callable[[str], None]
) -> Iterator[BackgroundTracker]:
    """Yield the tracker of the Optuna journal, if the space asks for one and has a search."""
    if JOURNAL not in space.tracking:
        return
    if space.search is None:
        warn("tracking names optuna, which shows a search, and this space has none")
        return

    def make() -> OptunaJournal:
        return OptunaJournal(space, Path(str(folder)), run=run, warn=tracker.warn)

    tracker = BackgroundTracker("Optuna", make)
    yield tracker


def _tracked_run(space: "Space", folder: "Place") -> TrackedRun:
    """Return the run; what identifies it is when its first command started, and which it was."""
    found = read_experiment(folder)
    first = found.versions[0] if found is not None and found.versions else None
    facts = [space.name, *([] if first is None else [first.started_at, first.command])]
    identity = hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]
    return TrackedRun(name=space.name, identity=identity, source=space.origin.source)
