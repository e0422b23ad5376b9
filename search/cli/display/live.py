"""Progress on a terminal: a panel that is redrawn, with the ended trials above it."""

from textwrap import wrap

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from search.cli.display import wording
from search.cli.display.output import OutputLostError, guarded_streams, one_line
from search.cli.display.run_state import RunState
from search.events import Event, PlanReady, RunWarning, TrialEnded, TrialReused

_STYLES = {"finished": "green", "stopped": "yellow", "failed": "red"}


class LiveView:
    """Show a running run; use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._state = RunState()
        self._guarded = guarded_streams()
        self._live = Live(
            get_renderable=lambda: panel(self._state, console),
            console=console,
            refresh_per_second=4,
        )

    def __enter__(self) -> "LiveView":
        """Start drawing."""
        self._live.start()
        self._guarded.__enter__()  # other output goes through rich, above the panel
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Draw once more and restore the terminal; a lost terminal does not hide ``error``."""
        self._guarded.__exit__(None, None, None)
        try:
            self._live.stop()
        except OutputLostError:
            if error is None:
                raise

    def __call__(self, event: Event) -> None:
        """Update the panel by ``event``; print a line above it for an ended trial."""
        self._state.update(event)
        match event:
            case PlanReady():
                lines = wording.continued(event), wording.at_once(event), *event.notes
                for line in filter(None, lines):
                    self._print(line)
            case TrialEnded() | TrialReused():
                line = wording.ended(event, self._state.objective)
                self._print(line, style=_STYLES.get(event.status, ""))
            case RunWarning(message=message):
                self._print(f"warning: {message}", style="yellow")

    def _print(self, line: str, style: str = "") -> None:
        self._console.print(Text(one_line(line), style=style))


def panel(state: RunState, console: Console) -> RenderableType:
    """Return the panel: the running trials, a bar, the counts, the best and the time left.

    It is never higher than the terminal, so that its last lines stay visible: where many trials
    run, the first are named and the others are counted.
    """
    if state.plan is None:
        return Text(f"starting {state.starting}" if state.starting else "checking the data")
    progress = state.progress
    bar = Table.grid()  # a bar alone has no line break
    bar.add_row(
        ProgressBar(
            total=max(progress.total, 1), completed=progress.done, width=60, complete_style="green"
        )
    )
    texts = (wording.tally(progress), wording.prospect(state))
    below = [
        part for line in texts for part in wrap(one_line(line), max(console.width, 20)) or [""]
    ]
    room = max(console.height - len(below) - 2, 1)  # the bar, and the line of the cursor
    running = _running(state, width=console.width, room=room)
    return Group(*map(_line, running), bar, *map(_line, below))


def _running(state: RunState, *, width: int, room: int) -> list[str]:
    trials = list(state.running.values())
    shown = trials if len(trials) <= room else trials[: room - 1]
    stages = [wording.trial_progress(trial, state.objective) for trial in shown]
    most = width - max(map(len, stages), default=0) - 2
    titles = [wording.shortened(one_line(trial.title), most) for trial in shown]
    column = max(map(len, titles), default=0)
    lines = [f"{title:<{column}}  {stage}" for title, stage in zip(titles, stages, strict=True)]
    more = len(trials) - len(shown)
    return [*lines, *([f"{more} more running"] if more else [])]


def _line(text: str) -> Text:
    return Text(one_line(text), no_wrap=True, overflow="ellipsis")
