"""Data files that a space names itself and that are not there: what they are, and how to go on."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sugrm.errors import DataError

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place
    from search.plan import Plan
    from search.space import Space

_MMSA = {"mosi": ("CMU-MOSI", "MOSI"), "mosei": ("CMU-MOSEI", "MOSEI"), "sims": ("CH-SIMS", "SIMS")}
"""Dataset -> its name, and its folder in what MMSA's README links to."""
_ALIGNMENTS = ("unaligned", "aligned")
_PROCESSED = ("aligned_50.pkl", "unaligned_50.pkl", "unaligned_39.pkl")


def check_files(space: "Space", plan: "Plan", *, runs: "Place | None" = None) -> None:
    """Check that the data files are there whose paths stand in the space.

    A file that the command named is left to the reader of files, whose message is about its path.

    Args:
        space: the space.
        plan: its plan.
        runs: the folder of runs, which a proposed command names unless it is the default one.

    Raises:
        DataError: some are missing; the message says what they are and how to go on.
    """
    if space.data.dataset == "synthetic":  # it reads no file, whatever paths the space has
        return
    missing = {
        option: path
        for alignment in plan.alignments
        for option, path in space.data.named_files(alignment).items()
        if not Path(path).expanduser().exists()
    }
    if missing and not any(_is_of_command(space, path) for path in missing.values()):
        unused = [
            each for each in _ALIGNMENTS if each not in plan.alignments and _is_there(space, each)
        ]
        raise DataError("\n".join(_lines(space, missing, unused=unused, runs=runs)))


def _is_of_command(space: "Space", path: str) -> bool:
    given = (*space.origin.data, *space.origin.overrides)
    return any(path in each for each in given)


def _lines(
    space: "Space", missing: dict[str, str], *, unused: Sequence[str], runs: "Place | None"
) -> Iterator[str]:
    there = "no such file" if len(missing) == 1 else "no such files"
    them = "it" if len(missing) == 1 else "them"
    reads = f"{', '.join(missing.values())}: {there}; the space {space.name} reads {them}"
    known = _MMSA.get(space.data.description.name)
    names = [_distributed(path, folder=known[1]) for path in missing.values()] if known else []
    if known and all(names):
        yield f"{reads}, and this package contains no research data"
        files = ", ".join(names)
        yield f"  what it is: {known[0]}, which MMSA distributes as {files} (docs/data.md)"
    else:
        yield reads
    path = space.origin.path
    if path is None:
        return
    command = ["sugrm-search", "run", path]
    files = " ".join(f"--data {option}=PATH" for option in missing)
    where = ["--runs", str(runs)] if runs is not None and str(runs) != "runs" else []
    # None of the missing files is among the options.
    given = shlex.join([*command, *space.origin.options, *where])
    if unused:
        yield f"  with the {unused[0]} file: {given} --set experiment.alignment={unused[0]}"
    else:
        yield f"  with it: {given} {files}"
    if not _starts_from_a_model(space):
        yield f"  to try it on made-up data first: {shlex.join([*command, *_trying(space)])}"


def _is_there(space: "Space", alignment: str) -> bool:
    """Return whether the space or the command names a file of an alignment that exists."""
    path = space.data.named_files(alignment).get(alignment)
    return path is not None and Path(path).expanduser().exists()


def _starts_from_a_model(space: "Space") -> bool:
    """Return whether trials need a trained model, which is then likely to be missing as well."""
    cells = (changes for group in space.ablations.values() for changes in group.values())
    searched = space.search.parameters if space.search is not None else {}
    options = (option for each in (space.experiment, searched, *cells) for option in each)
    return any(option.split(".")[0] == "start_from" for option in options)


def _distributed(path: str, *, folder: str) -> str:
    name = Path(path).name
    if name in _PROCESSED:
        return f"{folder}/Processed/{name}"
    return f"{folder}/{name}" if name == "label.csv" else ""


def _trying(space: "Space") -> Iterator[str]:
    """Yield the options with which a space runs in minutes, without a file or a download."""
    given = [
        f"name={space.name}_try",
        "data={dataset: synthetic}",
        "experiment.model.text.name=tiny",
        "experiment.training.max_epochs=2",
    ]
    if space.search is not None and space.confirm is not None:
        given += ["confirm.top=1", "confirm.seeds=[1]"]
    if space.ablations:
        given += ["seeds=[1]"]
    for each in given:
        yield from ("--set", each)
    if space.search is not None:
        yield from ("--trials", "4")
