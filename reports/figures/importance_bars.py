"""The importance of each searched parameter as bars."""

from collections.abc import Iterator, Sequence

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Bars
from reports.ledger.reading.load import Results
from reports.results.parameter_importance import Importance, ParameterImportance, read_importance
from reports.tables.importance import stopped_values
from reports.tables.leaderboard import titles

_MOST = 20
_MOST_STOPPED = 6
_ENOUGH = 50  # finished trials, below which the shares are rough


def importance_bars(results: Results) -> tuple[Figure, ...]:
    """Return the bars, the most important first; none if the run recorded no importance."""
    found = read_importance(results)
    if found is None:
        return ()
    judged = _judged(found)
    if not judged:
        return ()
    names = [parameter.name for parameter in found.parameters]
    titled = dict(zip(names, titles(names), strict=True))
    shown = judged[:_MOST]
    return (
        Figure(
            name="importance",
            title=f"Importance of the searched parameters for {found.objective}",
            summary=_summary(found, shown, first=titled[shown[0].name]),
            panels=(_panel(shown, [titled[parameter.name] for parameter in shown]),),
            notes=(*_notes(found, judged), *_stopped(results)),
        ),
    )


def _judged(found: Importance) -> list[ParameterImportance]:
    """Return the parameters that have a share, the most important first."""
    judged = [parameter for parameter in found.parameters if parameter.share is not None]
    return sorted(judged, key=lambda parameter: -(parameter.share or 0.0))


def _panel(shown: Sequence[ParameterImportance], names: Sequence[str]) -> Panel:
    bars = Bars(
        positions=list(range(len(shown))),
        lengths=[parameter.share or 0.0 for parameter in shown],
        horizontal=True,
        width=0.62,
        hover=[_hover(parameter) for parameter in shown],
    )
    return Panel(
        x=Axis(title="share of the total importance", low=0.0),
        y=Axis(categories=names, reverse=True),
        marks=(bars,),
    )


def _hover(parameter: ParameterImportance) -> str:
    return f"{parameter.name}: {parameter.share:.1%}, {parameter.trials} trials"


def _summary(found: Importance, shown: Sequence[ParameterImportance], *, first: str) -> str:
    return (
        f"{first} has {shown[0].share:.0%} of the importance for {found.objective}, the most of "
        f"{len(found.parameters)} searched parameters, over {found.trials} finished trials."
    )


def _notes(found: Importance, judged: Sequence[ParameterImportance]) -> Iterator[str]:
    yield (
        f"{found.method} (Watanabe et al., IJCAI 2023) of Optuna {found.optuna}: how far the "
        "values of a parameter among the best tenth of the trials differ from those among all. "
        f"n = {found.trials} finished trials by {found.objective}; test metrics are not used."
        + (" Below 50 trials it is rough." * (found.trials < _ENOUGH))
    )
    yield "A share does not say which values are better, nor that the parameter is the cause."
    fewer = [p for p in found.parameters if p.share is not None and p.trials < found.trials]
    if fewer:
        counts = ", ".join(f"{parameter.name} {parameter.trials}" for parameter in fewer)
        yield f"Conditional parameters, which fewer trials have: {counts}."
    silent = [parameter.name for parameter in found.parameters if parameter.share is None]
    if silent:
        yield f"Cannot be judged from these trials: {', '.join(silent)}."
    if len(judged) > _MOST:
        yield f"The {_MOST} most important of {len(judged)}."


def _stopped(results: Results) -> Iterator[str]:
    """Yield a note on values whose trials were stopped early and do not count."""
    stopped = stopped_values(results)
    if stopped:
        named = "; ".join(each.sentence for each in stopped[:_MOST_STOPPED])
        more = len(stopped) - _MOST_STOPPED
        yield (
            "Finished trials are a biased sample: trials that were stopped early do not count. "
            f"{named}{f'; {more} more in the table' if more > 0 else ''}."
        )
