"""Generated labels against the human labels of each modality, at the best epoch.

One panel a modality: the share of the utterances with each human label that has each generated
label, the mean of the generated labels, that of the multimodal human label, and the identity.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Line, Look, Tiles
from reports.ledger.reading.load import Results
from reports.results.dataset import dataset_of
from reports.results.labels.human import Agreement, BestLabels, agreement, best_labels
from reports.results.labels.points import MODALITIES
from reports.statistics import VERDICT_SEEDS

_BINS = 11  # labels of CH-SIMS are -1, -0.8, ..., 1
_FEWEST = 5  # utterances of a mean
_NAMED = (0, _BINS // 2, _BINS - 1)
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """The labels of one modality, those of all seeds together.

    Attributes:
        bound: labels lie in [-bound, bound]; those outside count in the last tile.
        seeds: number of seeds; each has every utterance once.
        human: [M] human labels of the modality alone.
        generated: [M] generated labels.
        multimodal: [M] human labels of the whole utterance.
    """

    bound: float
    seeds: int
    human: Numbers
    generated: Numbers
    multimodal: Numbers

    def places(self, labels: Numbers) -> Numbers:
        """Return the place of each label on an axis whose tiles lie at 0, 1, ..."""
        shares = (np.clip(labels, -self.bound, self.bound) / self.bound + 1) / 2
        places: Numbers = shares * (_BINS - 1)
        return places

    def tiles(self, labels: Numbers) -> NDArray[np.intp]:
        """Return the tile of each label; one between two tiles belongs to the lower one."""
        return np.ceil(self.places(labels).round(6) - 0.5).astype(np.intp)

    @property
    def counts(self) -> NDArray[np.intp]:
        """Return [generated, human] the number of utterances, the greatest label first."""
        counts = np.zeros((_BINS, _BINS), dtype=np.intp)
        np.add.at(counts, (_BINS - 1 - self.tiles(self.generated), self.tiles(self.human)), 1)
        return counts

    def means(self, labels: Numbers) -> dict[int, float]:
        """Return the mean of ``labels`` in each column with enough utterances."""
        columns = self.tiles(self.human)
        members = {place: columns == place for place in range(_BINS)}
        return {
            place: float(labels[here].mean())
            for place, here in members.items()
            if here.sum() >= _FEWEST * self.seeds
        }


def human_labels_figure(results: Results) -> tuple[Figure, ...]:
    """Return the figure; none where no modality has human and generated labels."""
    best = best_labels(results)
    if best is None:
        return ()
    pairs = {task: found for task in MODALITIES for found in _pairs(results, best, task=task)}
    if not pairs:
        return ()
    return (
        Figure(
            name="human_labels",
            title="Generated labels against the human labels of each modality",
            summary=_summary(best, pairs),
            panels=tuple(
                _panel(MODALITIES[task], one, is_first=place == 0)
                for place, (task, one) in enumerate(pairs.items())
            ),
            columns=len(pairs),
            notes=tuple(_notes(best, pairs)),
        ),
    )


def _pairs(results: Results, best: BestLabels, *, task: str) -> Iterator[Pairs]:
    """Yield the labels of a modality; nothing where it has none that is finite."""
    if task in best.generated and np.isfinite(best.generated[task]).all():
        human, seeds = best.human[task], len(best.seeds)
        bound = dataset_of(results).label_bound or float(np.abs(human.own).max()) or 1.0
        yield Pairs(
            bound=bound,
            seeds=seeds,
            human=np.tile(human.own, seeds),
            generated=best.generated[task].ravel(),
            multimodal=np.tile(human.multimodal, seeds),
        )


def _panel(title: str, pairs: Pairs, *, is_first: bool) -> Panel:
    names = _names(pairs.bound)
    return Panel(
        title=title,
        x=Axis(title=f"human label of {title}", categories=names),
        y=Axis(
            title="generated label" if is_first else "",
            categories=names[::-1],
            reverse=True,
        ),
        marks=(
            _tiles(pairs),
            Line(x=[0, _BINS - 1], y=[_BINS - 1, 0], series="equal labels", dashed=True),
            _mean(pairs, pairs.multimodal, series="multimodal human label, mean"),
            _mean(pairs, pairs.generated, series="generated label, mean", look=Look.STRONG),
        ),
    )


def _names(bound: float) -> list[str]:
    """Return the labels in the middle of the tiles; only the ends and the middle have a name."""
    centres = np.linspace(-bound, bound, _BINS).round(6)
    return [f"{centre:g}" if place in _NAMED else "" for place, centre in enumerate(centres)]


def _tiles(pairs: Pairs) -> Tiles:
    counts = pairs.counts
    totals = counts.sum(axis=0, keepdims=True)
    shares = np.where(totals > 0, counts / np.maximum(totals, 1), np.nan)
    centres = np.linspace(-pairs.bound, pairs.bound, _BINS).round(6)
    return Tiles(
        values=shares.tolist(),
        texts=[[""] * _BINS] * _BINS,
        hover=[
            [
                f"human {centres[column]:g}, generated about {centres[_BINS - 1 - row]:g}: "
                f"{counts[row, column]} of {totals[0, column]}"
                for column in range(_BINS)
            ]
            for row in range(_BINS)
        ],
    )


def _mean(pairs: Pairs, labels: Numbers, *, series: str, look: Look = Look.NORMAL) -> Line:
    """Return the mean of ``labels`` by the human label of the modality."""
    means = pairs.means(labels)
    heights = _BINS - 1 - pairs.places(np.array(list(means.values())))
    centres = np.linspace(-pairs.bound, pairs.bound, _BINS).round(6)
    return Line(
        x=list(means),
        y=heights.tolist(),
        series=series,
        look=look,
        markers=True,
        hover=[f"human {centres[at]:g}: {series} {value:.2f}" for at, value in means.items()],
    )


def _summary(best: BestLabels, pairs: dict[str, Pairs]) -> str:
    """Return what one sees: how near the labels are, and where their means lie at both ends."""
    parts = [_sentence(best, task, pairs=one) for task, one in pairs.items()]
    few = len(best.seeds) < VERDICT_SEEDS
    return (
        " ".join(parts)
        + f" Means over {len(best.seeds)} {'seed' if len(best.seeds) == 1 else 'seeds'}"
        + (f", too few for a verdict (it needs {VERDICT_SEEDS})." if few else ".")
    )


def _sentence(best: BestLabels, task: str, *, pairs: Pairs) -> str:
    human = best.human[task]
    by_seed = [agreement(labels, human.own) for labels in best.generated[task]]
    error = float(np.mean([one.error for one in by_seed]))
    multimodal = agreement(human.multimodal, human.own)
    means = pairs.means(pairs.generated)
    text = (
        f"{MODALITIES[task].capitalize()}: generated labels lie {error:.2f} from the human label "
        f"on average, the multimodal label {multimodal.error:.2f}"
        f"{_nearer(error, multimodal.error)}; {_words(by_seed)} against {_words([multimodal])}"
    )
    if len(means) > 1:
        (first, low), *_, (last, high) = means.items()
        ends = np.linspace(-pairs.bound, pairs.bound, _BINS).round(6)
        text += (
            f"; where the human label is {ends[first]:g} they are {_label(low)} on average, "
            f"where it is {ends[last]:g} they are {_label(high)}"
        )
    return f"{text}."


def _label(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}"  # adding 0 makes -0 a 0


def _nearer(error: float, other: float) -> str:
    if f"{error:.2f}" == f"{other:.2f}":
        return ""
    return ", so they are nearer to it" if error < other else ", so they are farther from it"


def _words(found: Sequence[Agreement]) -> str:
    correlation = float(np.mean([one.correlation for one in found]))
    same_sign = 100 * float(np.mean([one.same_sign for one in found]))
    shown = [
        f"{name} {value:{digits}}{unit}"
        for name, value, digits, unit in (
            ("correlation", correlation, ".3f", ""),
            ("same sign in", same_sign, ".1f", " %"),
        )
        if np.isfinite(value)
    ]
    return " and ".join(shown) or "no correlation and no sign"


def _notes(best: BestLabels, pairs: dict[str, Pairs]) -> Iterator[str]:
    counts = ", ".join(f"{MODALITIES[task]} {len(best.human[task].own)}" for task in pairs)
    seeds = ", ".join(map(str, best.seeds))
    yield (
        f"Setting: {best.name}; seed{'s' if len(best.seeds) > 1 else ''} {seeds}, each at its best "
        f"epoch on validation. Training utterances with a human label of the modality: {counts}."
    )
    yield (
        "Tiles: share of the utterances with this human label, all seeds together, that have this "
        "generated label; each column sums to 1, and a darker tile is a greater share. Labels "
        f"and means beyond the range are drawn at its end. Means: of columns with {_FEWEST} "
        "utterances or more. On the dashed line, labels equal the human label of the modality."
    )
