"""``sugrm-search predict``: the scores of new utterances."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from search.cli.data import Lengths, files_of
from search.cli.display.output import data_stream, say

if TYPE_CHECKING:
    from sugrm.prediction import Predictions, Predictor

EXAMPLES = """\b
Examples:
  sugrm-search predict OUT texts.csv
  sugrm-search predict OUT unaligned_50.pkl --split test --out scores.parquet
  sugrm-search predict OUT text=talks.csv audio=audio.npz --out scores.csv
  printf '{"text": "What a film!"}' | sugrm-search predict OUT -
"""


class OutputFormat(StrEnum):
    """A format of scores."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


class SplitName(StrEnum):
    """A split of a feature file."""

    TRAIN = "train"
    VALID = "valid"
    TEST = "test"


def predict(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Folder that export wrote.")],
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Table (CSV, TSV, JSON lines, JSON, Parquet, Arrow) or feature file; or "
            "text=TABLE audio=PATH vision=PATH; - reads a table from standard input.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File to write; its ending gives the format."),
    ] = None,
    form: Annotated[
        OutputFormat | None,
        typer.Option("--format", help="Format; default: by the ending of --out, else csv."),
    ] = None,
    split: Annotated[
        SplitName | None,
        typer.Option(help="Split of a feature file to score; default: each that it has."),
    ] = None,
    lengths: Annotated[
        Lengths | None,
        typer.Option(help="Numbers of frames, as for training; default: as in training."),
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(metavar="NAME", help="Column of the texts in a table.")
    ] = None,
    seeds: Annotated[
        list[int] | None,
        typer.Option("--seed", metavar="N", help="Seed of an ensemble to use; repeatable."),
    ] = None,
    unimodal: Annotated[
        bool,
        typer.Option(
            "--unimodal/--no-unimodal", help="Write the scores of single modalities, too."
        ),
    ] = True,
    batch_size: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Utterances of a batch; default: as in training."),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Threads on a CPU; default: as in training, for the same scores to the last bit.",
        ),
    ] = None,
    device: Annotated[
        str, typer.Option(metavar="NAME", help="auto, cpu, cuda or cuda:N.")
    ] = "auto",
    plugins: Annotated[
        list[str] | None,
        typer.Option(
            "--plugin",
            metavar="NAME",
            help="File or module of an own system; its code is executed; repeatable.",
        ),
    ] = None,
) -> None:
    """Score the utterances of a table or a feature file.

    One row for each utterance: its id, its score and, of an ensemble of three seeds or more, the
    95 % interval of the mean over the seeds (low, high); then the scores of single modalities.
    Labels are not needed; where the input has some, metrics are printed to standard error.
    """
    kind = _format(out, form)
    given = _input(paths)
    from sugrm.data import NO_SPLITS
    from sugrm.prediction import load
    from sugrm.prediction.files import table_of, write_file
    from sugrm.prediction.opening import remarks_of

    predictor = load(model, seeds=seeds or None, device=device, plugins=plugins or ())
    for remark in remarks_of(predictor.folder, predictor.description):
        say(f"warning: {remark}", to_errors=True)
    predictor.threads = threads or predictor.threads
    with _progress() as progress:
        found = predictor.predict_files(
            given,
            split=None if split is None else split.value,
            lengths=None if lengths is None else lengths.value,
            text_column=text_column,
            batch_size=batch_size,
            progress=progress,
        )
    columns = table_of(found, unimodal=unimodal)
    if out is None:
        _print(columns, kind)
    else:
        write_file(columns, out, kind=kind.value)
        rows = len(columns["id"])
        say(f"wrote {out}: {rows} {'score' if rows == 1 else 'scores'}", to_errors=True)
    remarks = list(dict.fromkeys(each for one in found.values() for each in one.remarks))
    has_splits = NO_SPLITS not in remarks
    for remark in remarks:
        say(f"note: {remark}", to_errors=True)
    for name, predictions in found.items():
        prefix = f"{name}: " if len(found) > 1 or (split is not None and has_splits) else ""
        _remark(predictor, predictions, prefix=prefix)


def _format(out: Path | None, form: OutputFormat | None) -> OutputFormat:
    """Return the format of the scores; refuse a place that takes none before anything is read."""
    if out is None:
        if form is OutputFormat.PARQUET:
            raise typer.BadParameter(
                "parquet is no text; expected --out FILE beside it", param_hint="--format"
            )
        return form or OutputFormat.CSV
    if out.is_dir() or not out.absolute().parent.is_dir():
        problem = "is a folder" if out.is_dir() else "lies in a folder that is not there"
        raise typer.BadParameter(f"{out} {problem}; expected a file", param_hint="--out")
    if form is not None:
        return form
    from sugrm.prediction.files import format_of

    return OutputFormat(format_of(out))


def _input(paths: list[str]) -> Any:  # noqa: ANN401 - what ``read_inputs`` takes
    if paths == ["-"]:
        return sys.stdin.buffer
    return files_of(paths, "'INPUT...'")


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """Show a progress bar on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    console = Console(file=sys.__stderr__, markup=False)
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("scoring", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print(columns: dict[str, list[Any]], kind: OutputFormat) -> None:
    from sugrm.prediction.files import write_text

    stream = data_stream()
    write_text(columns, stream, kind=kind.value)
    stream.flush()


def _remark(predictor: "Predictor", predictions: "Predictions", *, prefix: str) -> None:
    """Say how many texts were cut, and the metrics where the input has labels."""
    if predictions.cut:
        say(f"{prefix}{_cut_line(predictor, predictions)}", to_errors=True)
    if predictions.labels is not None:
        say(f"{prefix}{_metrics_line(predictor.metrics(predictions))}", to_errors=True)


def _cut_line(predictor: "Predictor", predictions: "Predictions") -> str:
    files = predictor.description.text_encoder
    most = "the model reads" if files is None else f"{files.max_tokens} tokens"
    return (
        f"{predictions.cut} of {len(predictions)} texts are longer than {most} and are cut (a "
        "token is a word or a piece of one; the encoder splits a word that it does not know into "
        "many)"
    )


def _metrics_line(metrics: Mapping[str, float]) -> str:
    """Return the metrics with the names, the order and the rounding of reports."""
    from reports.content.table import Style
    from reports.render.cell_text import number_text
    from reports.tables.metrics import METRICS

    return ", ".join(
        f"{each.title} {number_text(metrics[name], each.style)}"
        f"{' %' if each.style is Style.PERCENT else ''}"
        for name, each in METRICS.items()
        if name in metrics
    )
