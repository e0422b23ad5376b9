"""Numbers, trials and the state of a run in words, for a terminal."""

import json
import sys
from pathlib import Path
from shlex import quote
from shutil import which
from typing import TYPE_CHECKING

from search.cli.display.run_state import Running, RunState
from search.events import PlanReady, Progress, TrialEnded, TrialReused

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place

_MOST_SHOWN = 4  # running trials that a line names
_TAIL = 10  # characters kept at the end of a title: its seed


def duration(seconds: float) -> str:
    """Return a time span in words.

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
    """Return a count with its noun.

    >>> counted(1, "trial"), counted(0, "seed")
    ('1 trial', '0 seeds')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def report_command(run: "Place") -> str:
    """Return the shell command that reports a run.

    >>> from pathlib import Path
    >>> report_command(Path("runs/demo")), report_command(Path("my runs/demo"))
    ('sugrm-search report demo', "sugrm-search report demo --runs 'my runs'")
    """
    return f"sugrm-search report {run.name}{_runs_option(run.parent)}"


def traceback_command(run: "Place") -> str:
    r"""Return the shell command that prints the tracebacks of a run's failed trials.

    >>> from pathlib import Path
    >>> print(traceback_command(Path("runs/demo")).partition(" -c ")[2])
    'from search import open_results as r; print(*r("runs/demo").tracebacks, sep="\n")'
    """
    given = json.dumps(str(run))
    program = f'from search import open_results as r; print(*r({given}).tracebacks, sep="\\n")'
    return f"{quote(_python())} -c {quote(program)}"


def _python() -> str:
    """Return the Python of this process as a shell in the working folder calls it.

    A command may be called by its path, from an environment that is not activated.
    """
    own, found = Path(sys.executable), which("python")
    if found and Path(found).parent == own.parent and Path(found).samefile(own):
        return "python"
    here = Path.cwd()  # a name without a folder would be looked up in PATH
    return str(own.relative_to(here)) if here in own.parents[1:] else str(own)


def first_command(runs: "Place") -> str:
    """Return the shell command that makes a first run in a folder of runs.

    >>> from pathlib import Path
    >>> first_command(Path("runs")), first_command(Path("my runs"))
    ('sugrm-search run spaces/demo.yaml', "sugrm-search run spaces/demo.yaml --runs 'my runs'")
    """
    return f"sugrm-search run spaces/demo.yaml{_runs_option(runs)}"


def _runs_option(runs: "Place") -> str:
    return "" if str(runs) == "runs" else f" --runs {quote(str(runs))}"


def shortened(title: str, width: int) -> str:
    """Return a title cut in its middle: its end holds the seed.

    >>> shortened("modules/replace SPT by LSTM seed 1111", 24)
    'modules/repla… seed 1111'
    """
    if len(title) <= width:
        return title
    tail = min(_TAIL, 2 * max(width, 0) // 3)
    return f"{title[: max(width - tail - 1, 0)]}…{title[len(title) - tail :]}"


def tally(progress: Progress) -> str:
    """Return the counts of a run, as ``5 of 13 done: 3 finished, 1 stopped, 1 failed``."""
    parts = f"{progress.finished} finished, {progress.stopped} stopped, {progress.failed} failed"
    return f"{progress.done} of {progress.total} done: {parts}"


def continued(event: PlanReady) -> str:
    """Return what an earlier command of the same run left, "" where it left nothing."""
    parts = [
        f"{tally(event.progress)} in the ledger" if event.progress.done else "",
        f"{counted(event.resumed, 'trial')} cut off, continued from the checkpoint"
        if event.resumed
        else "",
        f"{counted(event.restarted, 'trial')} cut off in the first epoch, started again"
        if event.restarted
        else "",
    ]
    return "; ".join(part for part in parts if part)


def at_once(event: PlanReady) -> str:
    """Return how many trials run at once and their share of a GPU, "" where none runs.

    >>> from pathlib import Path
    >>> ready = PlanReady(name="demo", folder=Path("runs/demo"), progress=Progress(total=3),
    ...     objective=None, mode=None, concurrency=2, gpus="no GPU (resources.gpus: 0)")
    >>> at_once(ready)
    '2 trials at once, no GPU (resources.gpus: 0)'
    """
    return f"{counted(event.concurrency, 'trial')} at once, {event.gpus}" if event.gpus else ""


def best(state: RunState) -> str:
    """Return the best finished trial of the search, "" before there is one."""
    if state.best is None:
        return ""
    title, value = state.best
    return f"best {state.objective} {value:.4f} ({title})"


def prospect(state: RunState) -> str:
    """Return the best so far and the time left, each where it is known."""
    left = None if state.ended else state.seconds_left()
    parts = [best(state), "" if left is None else f"about {duration(left)} left"]
    return "; ".join(part for part in parts if part)


def trial_progress(running: Running, objective: str) -> str:
    """Return how far a running trial is, as ``epoch 3 of 12  valid/mae 0.9132``."""
    if not running.epoch:
        return running.stage or "starting"
    of = "" if running.max_epochs is None else f" of {running.max_epochs}"
    value = "" if running.value is None else f"  {objective} {running.value:.4f}"
    return f"epoch {running.epoch}{of}{value}"


def state_line(state: RunState) -> str:
    """Return the state of a run in a line: counts, best, time left, the running trials' epochs."""
    shown = list(state.running.values())[:_MOST_SHOWN]
    trials = [f"{each.title} {trial_progress(each, state.objective)}" for each in shown]
    more = len(state.running) - len(shown)
    running = ", ".join([*trials, *([f"{more} more"] if more else [])])
    return "; ".join(part for part in (tally(state.progress), prospect(state), running) if part)


def ended(event: TrialEnded | TrialReused, objective: str) -> str:
    """Return the line of an ended trial."""
    head = f"{event.name.title:<40} {event.status:<8}"
    value = "" if event.value is None else f"  {objective} {event.value:.4f}"
    value += "" if event.mean is None else f" (mean over the seeds {event.mean:.4f})"
    if isinstance(event, TrialReused):
        return f"{head}{value}  already in the ledger"
    if event.status == "failed":
        return f"{head}  {event.failure}: {event.message}"
    star = "  best so far" if event.is_best else ""
    star += f"  {event.message}" if event.message else ""
    epochs = counted(event.epochs, "epoch")
    return f"{head}{value}  {epochs}, {duration(event.seconds)}{star}"
