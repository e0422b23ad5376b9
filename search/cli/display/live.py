"""Progress on a terminal: a panel that is redrawn, ended trials scrolling by above it."""

from textwrap import wrap

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from search.cli.display import wording
from search.cli.display.output import OutputLostError, guarded, one_line
from search.cli.display.run_state import Standing
from search.events import Event, PlanReady, RunWarning, TrialEnded, TrialReused

_STYLES = {"finished": "green", "stopped": "yellow", "failed": "red"}


class LiveView:
    """Show a run while it works; use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._standing = Standing()
        self._guarded = guarded()
        self._live = Live(
            get_renderable=lambda: panel(self._standing, console),
            console=console,
            refresh_per_second=4,
        )

    def __enter__(self) -> "LiveView":
        """Start drawing."""
        self._live.start()
        self._guarded.__enter__()  # what others print passes rich's streams, above the panel
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Draw once more and leave the terminal in order; one that has gone hides no error."""
        self._guarded.__exit__(None, None, None)
        try:
            self._live.stop()
        except OutputLostError:
            if error is None:
                raise

    def __call__(self, event: Event) -> None:
        """Take ``event`` into the panel; an ended trial also gets its line above."""
        self._standing.hear(event)
        match event:
            case PlanReady():
                for line in filter(None, (wording.continued(event), wording.at_once(event))):
                    self._print(line)
            case TrialEnded() | TrialReused():
                line = wording.ended(event, self._standing.objective)
                self._print(line, style=_STYLES.get(event.status, ""))
            case RunWarning(message=message):
                self._print(f"warning: {message}", style="yellow")

    def _print(self, line: str, style: str = "") -> None:
        self._console.print(Text(one_line(line), style=style))


def panel(standing: Standing, console: Console) -> RenderableType:
    """Return the panel: the running trials, a bar, the counts, the best and the time left.

    It is never higher than the terminal, whose last lines are the most telling: of many running
    trials the first are named and the others counted.
    """
    if standing.plan is None:
        return Text("starting the workers")
    progress = standing.progress
    bar = Table.grid()  # a bar alone ends no line
    bar.add_row(
        ProgressBar(
            total=max(progress.total, 1), completed=progress.done, width=60, complete_style="green"
        )
    )
    said = (wording.tally(progress), wording.prospect(standing))
    below = [part for line in said for part in wrap(one_line(line), max(console.width, 20)) or [""]]
    room = max(console.height - len(below) - 2, 1)  # the bar, and where the cursor stands
    running = _running(standing, width=console.width, room=room)
    return Group(*map(_line, running), bar, *map(_line, below))


def _running(standing: Standing, *, width: int, room: int) -> list[str]:
    trials = list(standing.running.values())
    shown = trials if len(trials) <= room else trials[: room - 1]
    stages = [wording.at_work(trial, standing.objective) for trial in shown]
    most = width - max(map(len, stages), default=0) - 2
    titles = [wording.shortened(one_line(trial.title), most) for trial in shown]
    column = max(map(len, titles), default=0)
    lines = [f"{title:<{column}}  {stage}" for title, stage in zip(titles, stages, strict=True)]
    more = len(trials) - len(shown)
    return [*lines, *([f"{more} more running"] if more else [])]


def _line(text: str) -> Text:
    return Text(one_line(text), no_wrap=True, overflow="ellipsis")
