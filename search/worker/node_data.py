"""The data of a trial on the node of its worker, from the nearest place that has them.

1. The worker maps the converted corpus of the driver's node if it sees that folder: on the same
   machine or on a shared disk.
2. Otherwise it converts the space's own files, if they are at the same path and hold the same data.
3. Otherwise it receives the converted folder from the driver's node in pieces, into the cache of
   its own node. All workers of that node map it there.

The cached hidden states of a frozen text encoder are received in the same way; if the driver's node
has none yet, each node computes its own.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from search.trials.protocol import TrialTask
from search.worker.home import Home
from search.worker.node_files import files_of, receive, receive_folder

if TYPE_CHECKING:
    from sugrm import Corpus, ExperimentConfig
    from sugrm.config import DataConfig
    from sugrm.errors import DataError


def corpus_of(task: TrialTask, alignment: str, *, home: Home | None = None) -> "Corpus":
    """Return the corpus of a task; a process opens it once.

    Args:
        task: the task.
        alignment: of the corpus.
        home: the driver's node, None without a way there.

    Raises:
        DataError: this node lacks the data and cannot receive them.
    """
    return _corpus(task.corpus, task.data, alignment=alignment, home=home)


def fetch_states(
    task: TrialTask, config: "ExperimentConfig", *, corpus: "Corpus", home: Home | None = None
) -> None:
    """Fetch the hidden states that a task reads if only the driver's node has them."""
    from sugrm.training.frozen_text import states_folder

    if task.states_key is None or home is None:
        return
    here = states_folder(config, corpus, key=task.states_key)
    there = Path(task.corpus).parent / here.parent.name / here.name
    if here.exists() or here == there:
        return
    receive_folder(home, there, target=here)


@cache
def _corpus(folder: str, data: str, *, alignment: str, home: Home | None) -> "Corpus":
    from sugrm import Corpus
    from sugrm.config import DataConfig
    from sugrm.data import cached_corpus

    converted, config = Path(folder), DataConfig.model_validate_json(data)
    if _is_here(converted):
        return Corpus.open(converted, config.dataset)
    own = _from_own_files(config, alignment, may_receive=home is not None)
    if own is not None and own.fingerprint == converted.name:
        return own

    def fill(target: Path) -> None:
        files = None if home is None else files_of(home, converted)
        if home is None or files is None:
            raise _no_data(config, alignment, folder=folder)
        receive(home, converted, files=files, target=target)

    return replace(cached_corpus(converted.name, fill), dataset=config.description)


def _from_own_files(config: "DataConfig", alignment: str, *, may_receive: bool) -> "Corpus | None":
    """Return the corpus of the space's own files, None if only the driver's node has it."""
    from sugrm import load_corpus

    named = _own_files(config, alignment)
    are_here = bool(named) and all(Path(path).expanduser().exists() for path in named)
    if may_receive and not are_here and config.dataset != "synthetic":
        return None
    return load_corpus(config, alignment)


def _own_files(config: "DataConfig", alignment: str) -> list[str]:
    excluded = [] if config.exclude is None else [config.exclude.texts_of]
    return [*config.named_files(alignment).values(), *excluded]


def _no_data(config: "DataConfig", alignment: str, *, folder: str) -> "DataError":
    from sugrm.errors import DataError

    named = " and ".join(_own_files(config, alignment)) or "a file"
    return DataError(
        f"this node has no {alignment} data of this run: expected the folder {folder} or {named} "
        "with the data that the run began with; put one there, or start the run on a node of the "
        "cluster"
    )


def _is_here(folder: Path) -> bool:
    return folder.is_dir()
