"""``sugrm-search data``: inspect feature files and tables, convert them, write a synthetic one."""

import tempfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from search.cli.display.output import say
from search.cli.dry_run_command import DEFAULT_DATASET, dry_run_command
from search.cli.help_text import PlainCommand

if TYPE_CHECKING:
    from sugrm.data import Corpus, Reading

EXAMPLES = """\b
Examples:
  sugrm-search data inspect aligned_50.pkl --alignment aligned
  sugrm-search data import unaligned_50.pkl
  sugrm-search data inspect reviews.csv
  sugrm-search data inspect text=label.csv audio=audio.npz vision=vision.npz
  sugrm-search data synthesize mosei-like.pkl
  sugrm-search run spaces/mosei.yaml --data unaligned=mosei-like.pkl --trials 2 \\
    --set experiment.model.text.name=tiny --set experiment.training.max_epochs=2
"""

app = typer.Typer(
    rich_markup_mode=None,
    help="Inspect and convert feature files and tables.",
    epilog=EXAMPLES,
    options_metavar="",
    subcommand_metavar="COMMAND",
)


class Alignment(StrEnum):
    """Whether audio and vision have a frame for each token."""

    UNALIGNED = "unaligned"
    ALIGNED = "aligned"


class Lengths(StrEnum):
    """Where the numbers of real frames come from."""

    CHECKED = "checked"
    STATED = "stated"
    DETECTED = "detected"


class TextChoice(StrEnum):
    """What is read as the text."""

    TOKENS = "tokens"
    FEATURES = "features"
    WORDS = "words"


Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH...", help="Feature file or table; or text=TABLE audio=PATH vision=PATH."
    ),
]
AlignmentOption = Annotated[Alignment, typer.Option("--alignment", help="Alignment of the file.")]
DatasetOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Dataset whose labels and metrics the file has: mosi, mosei, sims, simsv2, or a YAML "
        "file that describes one; default: the one that the file is named after, else mosi.",
    ),
]
LengthsOption = Annotated[
    Lengths,
    typer.Option(help="Numbers of frames: as the file states them, or found from the zeros."),
]
TextOption = Annotated[
    TextChoice | None, typer.Option(help="What is read as the text; by default what there is.")
]

PluginsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--plugin",
        metavar="NAME",
        help="File or module that describes a dataset; its code is executed; repeatable.",
    ),
]


@app.command("inspect", cls=PlainCommand)
def inspect(
    paths: Paths,
    alignment: AlignmentOption = Alignment.UNALIGNED,
    dataset: DatasetOption = None,
    lengths: LengthsOption = Lengths.CHECKED,
    text_source: TextOption = None,
    plugins: PluginsOption = None,
) -> None:
    """Check a feature file or a table and show what it holds.

    The last line is the command of a dry run on it. The conversion is not kept.
    """
    from sugrm.config.registry import load_installed, load_plugins
    from sugrm.data import import_features

    load_installed()
    load_plugins(plugins or ())
    files = files_of(paths, "'PATH...'")
    reading = _reading(files, alignment, dataset=dataset, lengths=lengths, text=text_source)
    with tempfile.TemporaryDirectory(prefix="sugrm-") as folder:
        _show(import_features(files, reading, cache=Path(folder)), dataset)
    say("")
    say("a dry run on it (another text encoder: --set experiment.model.text.name=NAME):")
    say(f"  {dry_run_command(files, reading, dataset=dataset, plugins=plugins or ())}")


@app.command("import", cls=PlainCommand)
def import_(
    paths: Paths,
    alignment: AlignmentOption = Alignment.UNALIGNED,
    dataset: DatasetOption = None,
    lengths: LengthsOption = Lengths.CHECKED,
    text_source: TextOption = None,
    plugins: PluginsOption = None,
) -> None:
    """Convert a feature file or a table into the cache.

    A run converts its files itself. On a cluster, convert them first into a shared folder
    (environment variable SUGRM_CACHE).
    """
    from sugrm.config.registry import load_installed, load_plugins
    from sugrm.data import import_features

    load_installed()
    load_plugins(plugins or ())
    files = files_of(paths, "'PATH...'")
    reading = _reading(files, alignment, dataset=dataset, lengths=lengths, text=text_source)
    corpus = import_features(files, reading)
    _show(corpus, dataset)
    say(f"converted into {corpus.folder}")


@app.command("synthesize", cls=PlainCommand)
def synthesize(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write.")],
    audio_width: Annotated[int, typer.Option(help="Features in an audio frame.", min=1)] = 74,
    vision_width: Annotated[int, typer.Option(help="Features in a vision frame.", min=1)] = 35,
    text_length: Annotated[int, typer.Option(help="Largest number of tokens.", min=8)] = 50,
    audio_length: Annotated[int, typer.Option(help="Largest number of audio frames.", min=2)] = 500,
    vision_length: Annotated[
        int, typer.Option(help="Largest number of vision frames.", min=2)
    ] = 375,
    train: Annotated[int, typer.Option(help="Number of training utterances.", min=8)] = 256,
    valid: Annotated[int, typer.Option(help="Number of validation utterances.", min=4)] = 64,
    test: Annotated[int, typer.Option(help="Number of test utterances.", min=4)] = 128,
    seed: Annotated[int, typer.Option(help="Seed of the random numbers.")] = 1,
    dataset: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Dataset whose range of labels, and labels of each modality, the file has.",
        ),
    ] = "mosei",
) -> None:
    """Write a synthetic unaligned feature pickle.

    Widths and lengths are MOSEI's by default. An existing file is not replaced.
    """
    if out.exists():
        raise typer.BadParameter(
            f"{out} exists already; expected a new file; remove it, or name another",
            param_hint="'OUT'",
        )
    from sugrm.config import SyntheticConfig
    from sugrm.data import write_synthetic_pickle

    config = SyntheticConfig(
        seed=seed,
        train=train,
        valid=valid,
        test=test,
        audio_width=audio_width,
        vision_width=vision_width,
        text_length=text_length,
        audio_length=audio_length,
        vision_length=vision_length,
    )
    write_synthetic_pickle(out, config, dataset=dataset)
    say(f"wrote {out}")


def files_of(paths: list[str], argument: str) -> str | dict[str, str]:
    """Return the only path, or modality -> path of ``text=PATH audio=PATH``.

    Args:
        paths: what was typed.
        argument: the name of the argument, for the message.
    """
    from sugrm.config.sections.data import MODALITY_FILES

    given = [each.partition("=") for each in paths]
    found = {name: path for name, equals, path in given if equals and name in MODALITY_FILES}
    if not found and len(paths) == 1:
        return paths[0]
    if len(found) != len(paths) or not all(found.values()):
        raise typer.BadParameter(
            f"got {' '.join(paths)}; expected one path, or text=TABLE audio=PATH vision=PATH",
            param_hint=argument,
        )
    return found


def _reading(
    files: str | dict[str, str],
    alignment: Alignment,
    *,
    dataset: str | None,
    lengths: Lengths,
    text: TextChoice | None,
) -> "Reading":
    from sugrm.data import Reading, dataset_called, load_dataset

    # The labels are the table's, whatever file is named first; without one the import says so.
    named = files if isinstance(files, str) else files.get("text", "")
    return Reading(
        alignment=alignment.value,
        dataset=load_dataset(dataset) if dataset else dataset_called(Path(named).stem),
        lengths=lengths.value,
        text=None if text is None else text.value,
    )


def _show(corpus: "Corpus", dataset: str | None) -> None:
    """Print what a corpus holds, after the dataset whose labels and metrics it is read with."""
    from search.cli.display.corpus_view import corpus_lines

    say(_read_as(corpus, dataset))
    for line in corpus_lines(corpus, typer.get_terminal_size((100, 24)).columns):
        say(line)


def _read_as(corpus: "Corpus", dataset: str | None) -> str:
    from sugrm.config.sections.datasets import known_datasets

    known, bound = corpus.dataset.name, f"{corpus.dataset.label_bound:g}"
    if not dataset and known not in known_datasets():  # a file of another name is read as MOSI's
        known = DEFAULT_DATASET
    advice = "" if dataset else "; for another dataset: --dataset NAME"
    return f"read as {known}: labels in [-{bound}, {bound}]{advice}"
