"""How numbers and trials are worded on a terminal."""

from shlex import quote
from typing import TYPE_CHECKING

from search.cli.display.run_state import Running, Standing
from search.events import PlanReady, Progress, TrialEnded, TrialReused

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place

_MOST_SHOWN = 4  # running trials that a line names
_TAIL = 10  # of a title: its seed


def duration(seconds: float) -> str:
    """Word a time span.

    >>> duration(9.4), duration(75), duration(7380)
    ('9 s', '1 min 15 s', '2 h 3 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def counted(number: int, noun: str) -> str:
    """Word a count.

    >>> counted(1, "trial"), counted(0, "seed")
    ('1 trial', '0 seeds')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def report_command(run: "Place") -> str:
    """Return the command that reports a run, to be pasted into a shell.

    >>> from pathlib import Path
    >>> report_command(Path("runs/demo")), report_command(Path("my runs/demo"))
    ('sugrm-search report demo', "sugrm-search report demo --runs 'my runs'")
    """
    runs = str(run.parent)
    return f"sugrm-search report {run.name}" + ("" if runs == "runs" else f" --runs {quote(runs)}")


def shortened(title: str, width: int) -> str:
    """Cut a title in its middle, for it ends with the seed.

    >>> shortened("modules/replace SPT by LSTM seed 1111", 24)
    'modules/repla… seed 1111'
    """
    if len(title) <= width:
        return title
    tail = min(_TAIL, 2 * max(width, 0) // 3)
    return f"{title[: max(width - tail - 1, 0)]}…{title[len(title) - tail :]}"


def tally(progress: Progress) -> str:
    """Word where a run stands, as ``5 of 13 done: 3 finished, 1 stopped, 1 failed``."""
    parts = f"{progress.finished} finished, {progress.stopped} stopped, {progress.failed} failed"
    return f"{progress.done} of {progress.total} done: {parts}"


def continued(event: PlanReady) -> str:
    """Word what an earlier run of the same name left, "" where it left nothing."""
    parts = [
        f"{tally(event.progress)} in the ledger" if event.progress.done else "",
        f"{counted(event.resumed, 'trial')} cut off, continued from the checkpoint"
        if event.resumed
        else "",
    ]
    return "; ".join(part for part in parts if part)


def at_once(event: PlanReady) -> str:
    """Word how many trials run at once and what each takes of a GPU, "" where none runs.

    >>> from pathlib import Path
    >>> ready = PlanReady(name="demo", folder=Path("runs/demo"), progress=Progress(total=3),
    ...     objective=None, mode=None, concurrency=2, gpus="no GPU (resources.gpus: 0)")
    >>> at_once(ready)
    '2 trials at once, no GPU (resources.gpus: 0)'
    """
    return f"{counted(event.concurrency, 'trial')} at once, {event.gpus}" if event.gpus else ""


def best(standing: Standing) -> str:
    """Word the best finished trial of the search, "" before there is one."""
    if standing.best is None:
        return ""
    title, value = standing.best
    return f"best {standing.objective} {value:.4f} ({title})"


def prospect(now: Standing) -> str:
    """Word the best so far and the time left, each where it is known."""
    left = None if now.ended else now.seconds_left()
    parts = [best(now), "" if left is None else f"about {duration(left)} left"]
    return "; ".join(part for part in parts if part)


def at_work(running: Running, objective: str) -> str:
    """Word how far a running trial is, as ``epoch 3 of 12  valid/mae 0.9132``."""
    if not running.epoch:
        return running.stage or "starting"
    of = "" if running.max_epochs is None else f" of {running.max_epochs}"
    value = "" if running.value is None else f"  {objective} {running.value:.4f}"
    return f"epoch {running.epoch}{of}{value}"


def standing(now: Standing) -> str:
    """Word a whole standing in a line: counts, best, time left, the running trials' epochs."""
    shown = list(now.running.values())[:_MOST_SHOWN]
    trials = [f"{each.title} {at_work(each, now.objective)}" for each in shown]
    more = len(now.running) - len(shown)
    running = ", ".join([*trials, *([f"{more} more"] if more else [])])
    return "; ".join(part for part in (tally(now.progress), prospect(now), running) if part)


def ended(event: TrialEnded | TrialReused, objective: str) -> str:
    """Word one ended trial in a line."""
    head = f"{event.name.title:<40} {event.status:<8}"
    value = "" if event.value is None else f"  {objective} {event.value:.4f}"
    if isinstance(event, TrialReused):
        return f"{head}{value}  already in the ledger"
    if event.status == "failed":
        return f"{head}  {event.failure}: {event.message}"
    star = "  best so far" if event.is_best else ""
    star += f"  {event.message}" if event.message else ""
    epochs = counted(event.epochs, "epoch")
    return f"{head}{value}  {epochs}, {duration(event.seconds)}{star}"
