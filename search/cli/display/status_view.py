"""The lines by which ``status`` shows a run."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from search.cli.display.run_state import Running
from search.cli.display.wording import counted, duration, report_command, trial_progress

if TYPE_CHECKING:
    from search.status.states import Configurations, RunningTrial, RunStatus

_MOST_FAILED = 5


def status_lines(run: "RunStatus", now: datetime | None = None) -> Iterator[str]:
    """Yield the state of a run: counts, best, running and failed trials, budget, time left."""
    state = "running" if run.active else "not running"
    yield f"{run.name}: {run.done} of {run.total} done, {state}, {run.folder}"
    yield from (f"  warning: {line}" for line in run.warnings)
    yield from _results(run)
    for trial in run.running:
        yield f"  {_trial(trial, run, now=now or datetime.now(UTC))}"
    for failed in run.failed[:_MOST_FAILED]:
        message = f": {failed.message}" if failed.message else ""
        yield f"  failed: {failed.title}  {failed.kind}{message}"
    if len(run.failed) > _MOST_FAILED:
        more = counted(len(run.failed) - _MOST_FAILED, "more failed trial")
        yield f"  {more}, in the report: {report_command(run.folder)}"
    if run.budget:
        yield f"  budget: {_budget(run)}"
    if run.seconds_left is not None:
        yield f"  about {duration(run.seconds_left)} left"


def _results(run: "RunStatus") -> Iterator[str]:
    for phase, counts in run.counts.items():
        yield f"  {phase}: " + ", ".join(f"{n} {kind}" for kind, n in counts.items())
        if phase == "search" and run.configurations is not None:
            yield f"    {_configurations(run.configurations)}"
    if run.left_out:
        yield f"  left out: {counted(run.left_out, 'trial')} of an earlier space, data or code"
    if run.best is not None:
        best = run.best
        mean = f"mean over {best.seeds} seeds, " if best.seeds > 1 else ""
        yield f"  best {best.metric} {best.value:.4f} ({mean}search {best.number}, {best.key})"
    if run.unconfirmed is not None:
        yield f"  {run.unconfirmed.why}"
        if not run.active:
            yield f"  {run.unconfirmed.next_step}"
    if run.winner:
        yield f"  {run.winner}"
    for each in run.pareto:
        values = ", ".join(f"{name} {_plain(value)}" for name, value in each.values.items())
        yield f"  pareto: {values} (search {each.number}, {each.key})"


def _configurations(found: "Configurations") -> str:
    """Return how far the configurations of a search with several seeds are."""
    begun = counted(found.begun, "configuration")
    given_up = f", {found.given_up} given up" if found.given_up else ""
    return (
        f"{begun} of at most {found.total} begun: {found.complete} complete (finished with all "
        f"{found.seeds} seeds){given_up}"
    )


def _plain(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.5g}"


def _trial(trial: "RunningTrial", run: "RunStatus", *, now: datetime) -> str:
    verb = "running" if run.active else "cut off, continued by the next run"
    shown = Running(
        title=trial.title,
        epoch=trial.epoch,
        max_epochs=trial.max_epochs,
        value=trial.value,
        stage=trial.stage,
    )
    where = f", on {trial.node}" if trial.node else ""
    if not run.active:
        return f"{verb}: {trial.title}" + (
            f"  {trial_progress(shown, run.metric)}" if trial.epoch else ""
        )
    since = ""
    if trial.started_at is not None:
        since = f"  for {duration(max(0.0, (now - trial.started_at).total_seconds()))}"
    return f"{verb}: {trial.title}  {trial_progress(shown, run.metric)}{since}{where}"


def _budget(run: "RunStatus") -> str:
    used = {
        "hours": f"{run.usage.seconds / 3600:.2f}",
        "trials": f"{run.usage.trials}",
        "epochs": f"{run.usage.epochs}",
    }
    return ", ".join(f"{used[name]} of {limit:g} {name}" for name, limit in run.budget.items())
