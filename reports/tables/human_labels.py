"""Generated labels against the human labels of each modality, which CH-SIMS has.

A generator starts from the multimodal human label. It has learned something if its labels agree
with the human labels of their modality more than the multimodal label does.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from reports.content.table import (
    Cell,
    Column,
    Estimate,
    Missing,
    Note,
    Number,
    Style,
    Table,
    Text,
)
from reports.ledger.reading.load import Results
from reports.results.labels.human import Agreement, LabelAgreement, label_agreements
from reports.results.labels.points import MODALITIES
from reports.statistics import INTERVAL_SEEDS, VERDICT_SEEDS, Summary, summarise
from reports.tables.few_seeds import not_shown, too_few
from reports.tables.metrics import spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure of agreement; ``sign`` is 1 where a greater value is better, else -1."""

    name: str
    title: str
    value: Callable[[Agreement], float]
    style: Style = Style.SCORE
    sign: int = 1


MEASURES = (
    Measure(name="correlation", title="Corr", value=lambda one: one.correlation),
    Measure(name="mae", title="MAE", value=lambda one: one.error, sign=-1),
    Measure(
        name="same_sign", title="same sign", value=lambda one: one.same_sign, style=Style.PERCENT
    ),
)
_COLUMNS = (
    Column("labels", "labels", is_text=True),  # alone on each row, also where a table is divided
    Column("seeds", "seeds"),
    Column("multimodal", "multimodal"),
    Column("best", "best"),
    Column("difference", "best - multimodal"),
    Column("verdict", "verdict", is_text=True),
    Column("first", "first"),
    Column("last", "last"),
)
_EPOCHS = (
    Column("ablation", "ablation", is_text=True),
    Column("cell", "cell", is_text=True),
    Column("modality", "labels", is_text=True),
    Column("seed", "seed"),
    Column("epoch", "epoch"),
    Column("utterances", "utterances"),
    *(
        Column(f"{whose}_{measure.name}", f"{whose}, {measure.title}")
        for whose in ("generated", "multimodal")
        for measure in MEASURES
    ),
)


def human_labels_tables(results: Results) -> tuple[Table, ...]:
    """Return the table and, as data, every epoch; none without human labels of a modality."""
    found = list(label_agreements(results))
    return (_overview(found), _every_epoch(found)) if found else ()


def _overview(found: Sequence[LabelAgreement]) -> Table:
    several = len({one.group for one in found}) > 1
    by_modality = groupby(found, key=lambda one: (one.group, one.cell, one.task))
    rows = []
    for (group, cell, task), grouped in by_modality:
        members = list(grouped)
        name = f"{group}: {cell}" if several else cell
        rows += [
            (Text(f"{name}, {MODALITIES[task]}: {each.title}"), *_row(members, each))
            for each in MEASURES
        ]
    return Table(
        name="human_labels",
        title="Generated labels against the human labels of each modality",
        columns=_COLUMNS,
        rows=tuple(rows),
        notes=tuple(_notes(found)),
        folds=True,
    )


def _row(members: Sequence[LabelAgreement], measure: Measure) -> Iterator[Cell]:
    """Yield the cells of one measure of one modality of one setting, all but their names."""
    by_seed = [list(epochs) for _, epochs in groupby(members, key=lambda one: one.seed)]
    first = [epochs[0] for epochs in by_seed if epochs[0].epoch == 1]
    best = [one for one in members if one.is_best]
    last = [epochs[-1] for epochs in by_seed]
    multimodal = summarise([measure.value(one.multimodal) for one in last])
    yield Number(len(by_seed), Style.INTEGER)
    yield Missing() if multimodal is None else Number(multimodal.mean, measure.style)
    yield _generated(best, measure)
    yield from _difference(gain(best, measure), measure)
    yield from (_generated(chosen, measure) for chosen in (first, last))


def _generated(chosen: Sequence[LabelAgreement], measure: Measure) -> Cell:
    """Return mean and standard deviation of the generated labels over seeds."""
    return spread(summarise([measure.value(one.generated) for one in chosen]), measure.style)


def gain(best: Sequence[LabelAgreement], measure: Measure) -> Summary | None:
    """Return generated - multimodal over the seeds of ``best``, None without one."""
    return summarise([measure.value(one.generated) - measure.value(one.multimodal) for one in best])


def _difference(difference: Summary | None, measure: Measure) -> Iterator[Cell]:
    if difference is None:
        yield from (Missing(), Missing())
        return
    yield Estimate(difference, measure.style, signed=True)
    yield Text(verdict(difference, measure))


def verdict(difference: Summary, measure: Measure) -> str:
    """Return whether generated labels agree better than the multimodal one, or why it is open."""
    if few := too_few(difference.count or 0):
        return few
    if difference.low is None or difference.high is None:
        return ""
    if difference.low <= 0 <= difference.high:
        return not_shown(difference, measure.style)
    return "better" if difference.mean * measure.sign > 0 else "worse"


def _notes(found: Sequence[LabelAgreement]) -> Iterator[Note]:
    counts = {MODALITIES[one.task]: one.utterances for one in found}
    listed = ", ".join(f"{name} {count}" for name, count in counts.items())
    yield Note(
        "The truth is the human label of a modality alone, which its annotators gave without the "
        "other modalities. It is compared with the labels that training generated for the "
        "modality, and with the human label of the whole utterance (multimodal), over the training "
        f"utterances that have this modality and a human label of it: {listed}. Nothing was "
        "trained on human labels of single modalities."
    )
    yield Note(
        "Corr: Pearson's correlation. MAE: mean absolute difference, in units of the label. Same "
        "sign, in percent: of the utterances whose human label is not 0, those whose label has its "
        "sign. First, best, last: the generated labels after the first epoch, the epoch that is "
        "best on validation, and the last epoch; mean ± standard deviation (n - 1) over seeds."
    )
    yield Note(
        "Best - multimodal: mean difference over seeds and its two-sided 95 % t interval "
        f"[low, high], which needs {INTERVAL_SEEDS} seeds. Verdict: no difference shown if the "
        "interval holds 0, else whether generated labels agree better or worse with the human "
        f"labels of the modality than the multimodal label does; it needs {VERDICT_SEEDS} seeds "
        "and has no correction for the number of rows."
    )
    yield Note("Settings that generate no labels are left out. Every epoch is in the CSV files.")


def _every_epoch(found: Sequence[LabelAgreement]) -> Table:
    return Table(
        name="human_labels_epochs",
        title="Generated labels against the human labels of each modality, every epoch",
        columns=_EPOCHS,
        rows=tuple(map(_epoch_row, found)),
        is_data=True,
    )


def _epoch_row(one: LabelAgreement) -> tuple[Cell, ...]:
    return (
        Text(one.group),
        Text(one.cell),
        Text(MODALITIES[one.task]),
        *(Number(value, Style.INTEGER) for value in (one.seed, one.epoch, one.utterances)),
        *(
            Number(measure.value(whose), measure.style)
            for whose in (one.generated, one.multimodal)
            for measure in MEASURES
        ),
    )
