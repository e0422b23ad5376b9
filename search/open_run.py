"""An open run: its folder is held, the command recorded in it, and its state restored."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ledger.places.storage import write_whole
from reports.ledger.reading.recorded_experiment import Version
from search.controller.controller import Controller
from search.environment import describe_environment
from search.events import Event, PlanReady
from search.ledger import Ledger, StartedTrial, lock_of, record_experiment, record_utterances
from search.ledger.experiment_file import command_line
from search.preflight import Checked
from sugrm.config.registry import PluginSource

if TYPE_CHECKING:
    from search.space import Space


SPACE_FILE = "space.yaml"
"""The file in the folder of a run that holds a space given as a dict, for the command line."""


class Relay:
    """Pass events on to a listener; events from before ``PlanReady`` come after it."""

    def __init__(self, listen: Callable[[Event], None]) -> None:
        self._listen = listen
        self._held: list[Event] | None = []

    def __call__(self, event: Event) -> None:
        """Pass on an event, or hold it back until ``open``."""
        if self._held is None:
            self._listen(event)
        else:
            self._held.append(event)

    def open(self, ready: PlanReady) -> None:
        """Pass on ``ready``, then the events that were held back."""
        held, self._held = self._held or [], None
        for event in (ready, *held):
            self._listen(event)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRun:
    """A run whose folder this process alone may write to.

    Attributes:
        ledger: its ledger.
        controller: decides what runs; it holds the state that the ledger left.
        relay: passes the controller's events on.
        cut_off: the trials that an earlier command did not end and this one continues.
    """

    ledger: Ledger
    controller: Controller
    relay: Relay
    cut_off: Sequence[StartedTrial]


@contextlib.contextmanager
def open_run(
    space: "Space",
    checked: Checked,
    *,
    listen: Callable[[Event], None],
    command: str | None = None,
    started: float | None = None,
) -> Iterator[OpenRun]:
    """Record the command in the run's folder, restore its state, and hold the folder for the block.

    The record comes first, so that a run that is killed from here on is known and continued.

    Args:
        space: the space of the run.
        checked: the result of the checks before the run.
        listen: gets the events of the run once its relay is open.
        command: the command line that is recorded; None for that of this process.
        started: when the command began, as ``time.monotonic`` tells it; None for now.
    """
    checked.folder.mkdir(parents=True, exist_ok=True)
    with lock_of(checked.folder) as lock:
        ledger, relay = Ledger(checked.folder), Relay(listen)
        notes = _record_command(space, checked, command=command)
        controller = Controller(
            space, checked.plan, factory=checked.factory, ledger=ledger, listen=relay
        )
        if started is not None:
            controller.budget.count_from(started)
        lock.on_loss = controller.abandon
        cut_off = controller.restore()
        controller.prepare_next()
        for note in (*ledger.warnings, *notes):
            controller.warn(note)
        try:
            yield OpenRun(ledger=ledger, controller=controller, relay=relay, cut_off=cut_off)
        except Exception:
            controller.trackers.close(done=False)
            raise


def _record_command(space: "Space", checked: Checked, *, command: str | None) -> list[str]:
    """Record the version and the utterances of the run; return what to warn of."""
    version = _version(space, checked, command=command_line() if command is None else command)
    notes = [
        *record_experiment(checked.folder, space.name, version=version),
        *record_utterances(checked.folder, [each.folder for each in checked.corpora.values()]),
        *checked.warnings,
    ]
    if space.origin.path is None and space.origin.text:
        write_whole(checked.folder / SPACE_FILE, space.origin.text.encode())
    return notes


def _version(space: "Space", checked: Checked, *, command: str) -> Version:
    return Version(
        space=_recorded_space(space),
        source=space.origin.source,
        command=command,
        data=checked.factory.fingerprints,
        reading={name: each.recorded for name, each in checked.corpora.items() if each.recorded},
        plugins={each.module: _recorded(each) for each in space.plugin_sources},
        environment=describe_environment(),
        starts=checked.starts,
        start_digests={
            name: {str(seed): digest for seed, digest in each.items()}
            for name, each in checked.start_checks.digests.items()
        },
        total=checked.plan.total,
        search_trials=checked.plan.search_trials,
    )


def _recorded_space(space: "Space") -> dict[str, object]:
    """Return the values of a space without what makes no other space.

    That is where its run is shown, and what starts its trials.
    """
    values = space.to_dict()
    del values["tracking"], values["resources"]["launcher"], values["resources"]["jobs"]
    return values


def _recorded(source: PluginSource) -> dict[str, object]:
    """Return what identifies a plug-in and, of one that is not installed, its text."""
    if source.folder is None:
        return {"digest": source.digest}
    files = {path: content.decode("utf-8", "replace") for path, content in source.files.items()}
    return {"digest": source.digest, "files": files}
