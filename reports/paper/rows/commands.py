"""The commands that run what is missing in the paper's tables: packaged spaces by dataset."""

from collections.abc import Iterator, Sequence
from shlex import quote

from reports.ledger.reading.load import Results
from reports.ledger.reading.run_command import USUAL_FOLDER

_SPACES = {
    "1": "baselines",
    "2": "baselines",
    "3": "ablation_tasks",
    "4": "ablation_modules",
    "5": "mosi",
    "6": "mosi",
    "7": "mosi",
    "8": "ablation_losses",
}
_OF_MOSEI = {
    "baselines": "baselines_mosei",
    "ablation_modules": "ablation_modules_mosei",
    "mosi": "mosei",
}
_BOTH_ALIGNMENTS = ("baselines",)


def runs_folder(runs: Sequence[Results]) -> str:
    """Return the folder that holds all runs, or the default if they have no common folder."""
    folders = {str(results.folder.parent) for results in runs}
    return folders.pop() if len(folders) == 1 else USUAL_FOLDER


def packaged_command(table: str, dataset: str, *, runs: str = USUAL_FOLDER) -> str:
    """Return the command that fills a table of the paper; PATH is a placeholder for data files.

    It writes to the folder ``runs``, beside the runs that the table already uses.

    >>> packaged_command("1", "mosi")
    'sugrm-search run spaces/baselines.yaml --data aligned=PATH --data unaligned=PATH'
    """
    space = _SPACES[table]
    own = _OF_MOSEI.get(space) if dataset == "mosei" else None
    words = ["sugrm-search", "run", f"spaces/{own or space}.yaml"]
    if dataset != "synthetic":
        words += ["--data", "aligned=PATH"] if space in _BOTH_ALIGNMENTS else []
        words += ["--data", "unaligned=PATH"]
    if dataset != "mosi" and own is None:
        words += [word for change in _changes(space, dataset) for word in ("--set", change)]
    words += ["--runs", runs] if runs != USUAL_FOLDER else []
    return " ".join(map(quote, words))


def _changes(space: str, dataset: str) -> Iterator[str]:
    """Yield the changes that turn a space for MOSI into a separate run on ``dataset``."""
    yield f"name={space}_{dataset}"
    yield f"data.dataset={dataset}"
    if dataset == "mosei":
        yield "experiment.preset=[mosei,paper]"
    if dataset == "synthetic":
        yield "experiment.model.text.name=tiny"
