"""Table 5: training utterances with their text, predictions and generated labels."""

from collections.abc import Iterator, Mapping, Sequence

from reports.content.table import Cell, Column, Missing, Note, Number, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.ledger.schema import UNIMODAL_TASKS
from reports.paper.rows.commands import packaged_command, runs_folder
from reports.paper.rows.labelled import Labelled, Row, labelled_trial
from reports.published.utterances import COLUMNS

EXPLAINED = "The utterances of Table 5"
"""The section of docs/results.md on what was found about them."""
SHOWN = 8
"""Number of utterances in the table besides the paper's."""
_TASKS = ("M", *UNIMODAL_TASKS)


def table_5(results: Sequence[Results], with_text: bool = True) -> tuple[Table, ...]:
    """Return the table for the newest of some runs in which a trial generated labels.

    If the data are the paper's, its own utterances come first, each with the paper's values under
    ours. Then come utterances that are spread evenly over the human label.

    Args:
        results: the runs.
        with_text: whether the transcripts are shown; a licence may forbid it.
    """
    shown = labelled_trial(results)
    papers = [] if shown is None else list(shown.published())
    others = () if shown is None else _others(shown, [row for row, _ in papers])
    table = Table(
        name="paper_table_5",
        title="Table 5 of the paper: utterances with predictions and generated labels",
        columns=tuple(_columns(with_text)),
        rows=()
        if shown is None
        else tuple(_rows(shown, papers, others=others, with_text=with_text)),
        notes=tuple(_notes(shown, len(papers), others=len(others), folder=runs_folder(results)))
        + (() if with_text or shown is None else (Note("Texts are left out."),)),
        folds=True,
        is_whole=True,
    )
    return (table,)


def _columns(with_text: bool) -> Iterator[Column]:
    yield Column("id", "utterance", is_text=True)
    if with_text:
        yield Column("text", "text", is_text=True)
    yield Column("human_label", "human label")
    yield from (Column(f"prediction_{task}", task, group="prediction") for task in _TASKS)
    yield from (Column(f"label_{task}", task, group="generated label") for task in UNIMODAL_TASKS)


def _others(shown: Labelled, papers: Sequence[Row]) -> tuple[Row, ...]:
    """Return utterances of the sample other than the paper's, evenly over the human label."""
    named = {row["id"] for row in papers}
    return _spread([row for row in shown.sample if row["id"] not in named], SHOWN)


def _spread(rows: Sequence[Row], count: int) -> tuple[Row, ...]:
    """Return at most ``count`` evenly spaced rows, including both ends."""
    if len(rows) <= count:
        return tuple(rows)
    return tuple(rows[round(place * (len(rows) - 1) / (count - 1))] for place in range(count))


def _rows(
    shown: Labelled,
    papers: Sequence[tuple[Row, Mapping[str, float]]],
    *,
    others: Sequence[Row],
    with_text: bool,
) -> Iterator[tuple[Cell, ...]]:
    for row, values in papers:
        yield _row(shown, row, with_text=with_text)
        text = (Missing(""),) if with_text else ()
        yield Text("  paper"), *text, *(_printed(values[name]) for name in COLUMNS)
    yield from (_row(shown, row, with_text=with_text) for row in others)


def _row(shown: Labelled, row: Row, *, with_text: bool) -> tuple[Cell, ...]:
    utterance = shown.utterances.get(row["id"], {})
    text = utterance.get("text")
    return (
        Text(row["id"]),
        *((Text(text) if text else Missing("no text recorded"),) if with_text else ()),
        _score(row["label"]),
        *(_prediction(row, f"prediction_{task}") for task in _TASKS),
        *(_label(shown.labels.get(task), utterance.get("position")) for task in UNIMODAL_TASKS),
    )


def _prediction(row: Row, name: str) -> Cell:
    return _score(row[name]) if name in row else Missing("not recorded")


def _label(labels: Sequence[float] | None, position: int | None) -> Cell:
    if labels is None:
        return Missing()
    return Missing("not recorded") if position is None else _score(labels[position])


def _score(value: float | None) -> Cell:
    return Missing() if value is None else Number(value, Style.SCORE)


def _printed(value: float) -> Cell:
    """Return a value of the paper with no more digits than the paper prints."""
    return Number(value, Style.GENERAL)


def _notes(shown: Labelled | None, papers: int, *, others: int, folder: str) -> Iterator[Note]:
    yield Note(
        "The paper's Table 5 shows four utterances of MOSI's training split. "
        + (
            f"{papers} of them come first, with the paper's values under ours. How far ours differ "
            f'from them, and why: docs/results.md, section "{EXPLAINED}".'
            if papers
            else "These are not its utterances, and no value is published for them."
        )
    )
    if shown is None:
        yield Note(
            "Nothing is shown: no finished trial on all three streams has generated labels and "
            "predictions for training utterances; ledgers of older versions lack the predictions. "
            "Compute them with:",
            packaged_command("5", "mosi", runs=folder),
        )
        return
    yield from _sample_notes(shown, papers, others=others)


def _sample_notes(shown: Labelled, papers: int, *, others: int) -> Iterator[Note]:
    """Yield which trial the values are from and which utterances are shown."""
    experiment, trial = shown.results.experiment, shown.trial
    yield Note(
        f"Run {experiment.name} on {trial.alignment} data of {experiment.dataset}: "
        f"{shown.what}, seed {shown.trial.seed}, at its best epoch on validation "
        f"({trial.best_epoch}). One seed: no mean, no interval."
    )
    yield Note(
        "Generated labels exist for the training split only, so the model was trained on these "
        f"utterances: {others} of the {len(shown.sample)} whose predictions are kept"
        f"{', besides those of the paper' if papers else ''}, evenly spaced in the order of the "
        "human label, both ends included. Predictions and generated labels did not affect the "
        "choice."
    )
    yield Note("M: multimodal; T: text; A: audio; V: vision. -: the model has no such task.")
