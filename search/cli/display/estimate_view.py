"""The lines that show the estimate of a run."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from reports.ledger.schema import PHASES
from search.cli.display.wording import counted, duration
from search.estimate.disk import size
from search.estimate.work import most_trials

if TYPE_CHECKING:
    from search.estimate.estimate import Estimate
    from search.estimate.remaining import LeftToCompute
    from search.estimate.trial_costs import Cost
    from search.estimate.work import Work


def estimate_lines(estimate: "Estimate") -> Iterator[str]:
    """Yield the run's warnings, what is left to compute, its costs and where they come from.

    Args:
        estimate: the estimate of the run.
    """
    yield from (f"warning: {warning}" for warning in estimate.warnings)
    yield left_line((*estimate.work, *estimate.unmeasured))
    yield from estimate.limits
    yield from _phase_lines(estimate)
    if estimate.trials:
        yield from _cost_lines(estimate)
    if estimate.left_out:
        left_out = counted(estimate.left_out, "trial")
        yield (
            f"time, GPU-hours and disk leave out {left_out} that cannot be measured here"
            if estimate.trials
            else "none of these trials can be measured here: their cost is unknown"
        )
    if estimate.failures:
        yield (
            f"{estimate.failures} of {counted(estimate.remaining, 'trial')} will probably "
            "fail, as the warnings above say: fix the cause before you run the space"
        )


def _phase_lines(estimate: "Estimate") -> Iterator[str]:
    """Yield what is left of each phase, and how much of it could not be measured."""
    for phase in PHASES:
        measured = [each for each in estimate.work if each.phase == phase]
        unmeasured = [each for each in estimate.unmeasured if each.phase == phase]
        if not (measured or unmeasured):
            continue
        note = f", {most_trials(unmeasured)} of them not measured" if measured else ", not measured"
        yield f"  {phase}: {_sum([*measured, *unmeasured])}{note if unmeasured else ''}"


def _cost_lines(estimate: "Estimate") -> Iterator[str]:
    """Yield the seconds of an epoch, the time, the GPU-hours and the disk space."""
    yield "seconds an epoch:"
    yield from dict.fromkeys(map(_cost, estimate.work, estimate.costs))
    yield _time(estimate)
    is_elsewhere = estimate.expected.is_elsewhere
    elsewhere = "; measured on this machine, other GPUs take other times" if is_elsewhere else ""
    yield f"GPU-hours: {_gpu_hours(estimate)}{elsewhere}"
    yield _disk(estimate)
    if estimate.start_copies:
        yield f"cache: {size(estimate.start_copies)} of copies of the weights to start from"


def left_lines(left: "LeftToCompute") -> Iterator[str]:
    """Yield the run's warnings and what is left to compute, without its costs."""
    yield from (f"warning: {line}" for line in (*left.checked.warnings, *left.remaining.warnings))
    yield from left.checked.starts
    yield left_line(left.work)
    yield from left.limits


def left_line(work: "Sequence[Work]") -> str:
    """Return the line that counts what is left to compute."""
    if not round(sum(each.trials for each in work)):
        return "left to compute: nothing, every trial is done"
    return f"left to compute: {_sum(work)}"


def _amount(trials: float, most: float, *, likely: float) -> str:
    text = f"{counted(round(trials), 'trial')}, at most {counted(round(most), 'epoch')}"
    return text if round(likely) >= round(most) else f"{text}, about {round(likely)} expected"


def _sum(members: "Sequence[Work]") -> str:
    return _amount(
        sum(each.trials for each in members),
        sum(each.most_epochs for each in members),
        likely=sum(each.likely_epochs for each in members),
    )


def _cost(work: "Work", cost: "Cost") -> str:
    once = f"; {duration(cost.once_seconds)} once for its states" if cost.once_seconds else ""
    return f"  {cost.epoch_seconds:.3g}  {work.group.title} ({cost.source}){once}"


def _time(estimate: "Estimate") -> str:
    likely, most = estimate.seconds(), estimate.seconds(most=True)
    upper = f", at most {duration(most)}" if most > likely else ""
    at_once = counted(min(estimate.concurrency, estimate.trials), "trial")
    return (
        f"time: about {duration(likely)}{upper}, {at_once} at once {estimate.expected.where}; "
        "patience may end trials earlier"
    )


def _gpu_hours(estimate: "Estimate") -> str:
    if not estimate.gpus:
        return f"none; {estimate.expected.gpu_use}"
    likely, most = estimate.gpu_hours(), estimate.gpu_hours(most=True)
    return f"about {likely:.2f}, at most {most:.2f}; {estimate.expected.gpu_use}"


def _disk(estimate: "Estimate") -> str:
    likely, most = estimate.likely_disk, estimate.disk
    free = "" if estimate.free is None else f"; {size(estimate.free)} free"
    return (
        f"disk: about {size(likely.results)} of results, at most {size(most.results)}, and "
        f"{size(likely.checkpoints)} of checkpoints while trials run{free}"
    )
