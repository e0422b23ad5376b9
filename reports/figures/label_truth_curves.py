"""The correlation of generated labels with the truth of their modality, by epoch.

The truth is what a synthetic corpus was made from, or the human label of the modality alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice
from math import isnan

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Line, Look, Mark
from reports.content.shortened import count_range
from reports.ledger.reading.load import Results
from reports.results.dataset import dataset_of
from reports.results.labels.points import (
    CONFIRMED,
    MODALITIES,
    LabelPoint,
    label_points,
    truth_of,
)
from reports.statistics import summarise

_SETTINGS = 8  # nobody can distinguish more lines
_SEEDS = 10

Runs = Mapping[int, Sequence[LabelPoint]]
"""The points of one setting and modality by epoch, for each seed."""


def label_truth_curves(results: Results) -> tuple[Figure, ...]:
    """Return the correlation with the truth by epoch and modality; none if it is unknown."""
    points = list(label_points(results))
    if not points:
        return ()
    names = _names(points)
    settings = list(dict.fromkeys(names.values()))
    tasks = _by_task(points, names, shown=settings[:_SETTINGS])
    axis = _axis(points)
    human = "multimodal human label" if dataset_of(results).has_unimodal_labels else "human label"
    panels = tuple(
        _panel(task, tasks[task], axis=axis, human=human) for task in MODALITIES if task in tasks
    )
    return (
        Figure(
            name="label_truth",
            title="Generated labels against the truth, by epoch",
            summary=_summary(tasks, truth_of(results), human=human),
            panels=panels,
            columns=len(panels),
            notes=tuple(_notes(points, settings[_SETTINGS:], truth=truth_of(results))),
        ),
    )


def _by_task(
    points: Sequence[LabelPoint],
    names: Mapping[tuple[str, str], str],
    *,
    shown: Sequence[str],
) -> dict[str, dict[str, dict[int, list[LabelPoint]]]]:
    """Return the points of the settings in ``shown`` by modality, setting and seed."""
    tasks: dict[str, dict[str, dict[int, list[LabelPoint]]]] = {}
    for point in points:
        name = names[point.group, point.cell]
        if name in shown:
            settings = tasks.setdefault(point.task, {})
            settings.setdefault(name, {}).setdefault(point.seed, []).append(point)
    return tasks


def _names(points: Sequence[LabelPoint]) -> dict[tuple[str, str], str]:
    """Return the name of each setting: that of its cell alone if there is one ablation."""
    pairs = dict.fromkeys((point.group, point.cell) for point in points)
    ablations = {group for group, _ in pairs if group != CONFIRMED}
    return {
        (group, cell): f"{group}: {cell}"
        if len(ablations) > 1
        else f"{CONFIRMED} {cell}"
        if group == CONFIRMED
        else cell
        for group, cell in pairs
    }


def _axis(points: Sequence[LabelPoint]) -> Axis:
    """Return one axis for all panels, so that they are comparable."""
    values = [v for point in points for v in (point.generated, point.human) if not isnan(v)]
    if not values:
        return Axis(title="correlation with the truth")
    room = 0.05 * (max(values) - min(values)) or 0.05
    return Axis(title="correlation with the truth", low=min(values) - room, high=max(values) + room)


def _panel(task: str, settings: Mapping[str, Runs], *, axis: Axis, human: str) -> Panel:
    points = [point for runs in settings.values() for members in runs.values() for point in members]
    return Panel(
        title=MODALITIES[task],
        x=Axis(title="epoch"),
        y=axis,
        marks=(
            *_human(points, human),
            *(mark for name, runs in settings.items() for mark in _lines(name, runs)),
        ),
    )


def _human(points: Sequence[LabelPoint], series: str) -> Iterator[Mark]:
    """Yield the correlation of the human label, which training does not change."""
    ends = [min(point.epoch for point in points), max(point.epoch for point in points)]
    for value in sorted({round(point.human, 3) for point in points if not isnan(point.human)}):
        yield Line(
            x=ends,
            y=[value, value],
            series=series,
            dashed=True,
            hover=[f"{series}: {value:.3f}"] * 2,
        )


def _lines(name: str, runs: Runs) -> Iterator[Mark]:
    """Yield a line for each seed, and their mean over the epochs that all of them have."""
    if len(runs) > 1:
        for seed, members in islice(runs.items(), _SEEDS):
            yield _line(name, f"seed {seed}", points=members, look=Look.FAINT)
    who = f"mean of {len(runs)} seeds" if len(runs) > 1 else f"seed {next(iter(runs))}"
    yield _line(name, who, points=list(_means(runs)), look=Look.STRONG)


def _line(name: str, who: str, *, points: Sequence[LabelPoint], look: Look) -> Line:
    """Return the generated labels of ``points``; a strong line has a marker at each of them."""
    return Line(
        x=[point.epoch for point in points],
        y=[point.generated for point in points],
        series=name,
        look=look,
        markers=look is Look.STRONG,
        hover=[_hover(name, who, point=point) for point in points],
    )


def _means(runs: Runs) -> Iterator[LabelPoint]:
    """Yield the mean over seeds of each epoch that all of them have recorded.

    The mean of an epoch that some have not reached would be over other seeds than the one before.
    """
    by_epoch: dict[int, list[LabelPoint]] = {}
    for point in (point for members in runs.values() for point in members):
        by_epoch.setdefault(point.epoch, []).append(point)
    for _, members in sorted(by_epoch.items()):
        if len(members) == len(runs):
            yield LabelPoint(
                group=members[0].group,
                cell=members[0].cell,
                task=members[0].task,
                seed=members[0].seed,
                epoch=members[0].epoch,
                is_best=False,
                generated=_mean([point.generated for point in members]),
                human=_mean([point.human for point in members]),
            )


def _mean(values: Sequence[float]) -> float:
    summary = summarise(values)
    return float("nan") if summary is None else summary.mean


def _hover(name: str, who: str, *, point: LabelPoint) -> str:
    return (
        f"{name}, {who}, epoch {point.epoch}: "
        f"generated {point.generated:.3f}, human {point.human:.3f}"
    )


def _summary(tasks: Mapping[str, Mapping[str, Runs]], truth: str, *, human: str) -> str:
    """Return a sentence on the last epoch of each setting, beside the human label."""
    parts = []
    for task, settings in tasks.items():
        ends = []
        for name, runs in settings.items():
            last = [members[-1] for members in runs.values()]
            generated = _mean([point.generated for point in last])
            other = _mean([point.human for point in last])
            ends.append(f"{name} {generated:.3f} ({human.split()[0]} {other:.3f})")
        parts.append(f"{MODALITIES[task]}: {', '.join(ends)}")
    return (
        f"Correlation of generated labels with {truth}, after the last epoch, mean over seeds. "
        f"{'; '.join(parts)}."
    )


def _notes(points: Sequence[LabelPoint], left_out: Sequence[str], *, truth: str) -> Iterator[str]:
    yield (
        f"Pearson's correlation of the labels of the training split with {truth}, over the "
        "utterances that have this modality."
    )
    seeds = {
        key: len({point.seed for point in members})
        for key, members in groupby(points, key=lambda point: (point.group, point.cell, point.task))
    }
    if max(seeds.values()) > 1:
        yield (
            "Faint: single seeds. Strong: their mean, over the epochs that every seed of the "
            f"setting has reached; seeds: {count_range(seeds.values())}."
        )
    if max(seeds.values()) > _SEEDS:
        yield f"The first {_SEEDS} seeds of each setting have a line each; the mean is over all."
    if left_out:
        yield (
            f"Shown: the first {_SETTINGS} settings. Left out: {', '.join(left_out)} "
            "(see the table label_truth)."
        )
