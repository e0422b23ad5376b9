"""The trained models that trials start from (``experiment.start_from``).

A name is resolved once by the driver. What a trial depends on is the digest of the weights, not
where they lie, so a copy in the cache serves the workers: the run that trained them may go on and
replace its models, and another node may not have it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from reports.ledger.parts import read_parts
from reports.ledger.places.storage import Place, place
from reports.ledger.schema import TEST
from search.errors import SearchError
from search.ledger.experiment_file import FILE, check_name, read_experiment
from sugrm.data.cache.folders import folder_lock, write_whole, writing
from sugrm.data.loading import cache_folder
from sugrm.errors import StartError

if TYPE_CHECKING:
    from sugrm import ExperimentConfig
    from sugrm.prediction.description import ModelDescription
    from sugrm.training.start.weights import StartFacts, StartWeights

FOLDER = "start_weights"
"""Folder of the copies, beside the converted corpora."""
UTTERANCES = "utterances"
_MOST_NAMED = 8
_MOST_PARTS = 3  # RUN, or RUN/KEY, or RUN/GROUP/CELL


class Source(Protocol):
    """One or more trained models that differ in nothing but their seed."""

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds of the models."""
        ...

    def load(self, seed: int) -> "StartWeights":
        """Return the weights of the model of a seed."""
        ...

    def seen_texts(self) -> frozenset[str]:
        """Return the normalised texts that trained and chose the models, none if unknown."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSource:
    """The kept models of a configuration of a run.

    Attributes:
        run: the folder of the run.
        models: seed -> folder of the model, whose name is the key of its trial.
        data_fingerprint: the fingerprint of the corpus that trained them.
    """

    run: Place
    models: Mapping[int, Place]
    data_fingerprint: str

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds of the models."""
        return tuple(sorted(self.models))

    def load(self, seed: int) -> "StartWeights":
        """Return the weights of the model of a seed."""
        from reports.ledger.reading.results import MODEL_FILE
        from sugrm.training.start.kept import start_of_kept

        folder = self.models[seed]
        file = folder / MODEL_FILE
        local = Path(str(file))
        content = local if local.is_file() else file.read_bytes()
        return start_of_kept(content, origin=f"run {self.run.name}, trial {folder.name}")

    def seen_texts(self) -> frozenset[str]:
        """Return the normalised texts that trained and chose the models, none if unknown."""
        from sugrm.data.excluded_texts import normalised

        table = read_parts(self.run, UTTERANCES).distinct(UTTERANCES)
        rows = table.select(["data_fingerprint", "split", "text"]).to_pylist()
        seen = {
            normalised(row["text"] or "")
            for row in rows
            if row["data_fingerprint"] == self.data_fingerprint and row["split"] != TEST
        }
        return frozenset(seen - {""})


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSource:
    """The models that ``sugrm-search export`` wrote into a folder."""

    folder: Path
    description: "ModelDescription"

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds of the models."""
        return tuple(sorted(self.description.seeds))

    def load(self, seed: int) -> "StartWeights":
        """Return the weights of the model of a seed."""
        from sugrm.prediction.start_weights import start_of_folder

        return start_of_folder(self.folder, self.description, seed=seed)

    def seen_texts(self) -> frozenset[str]:
        """Return none: a model folder does not hold the texts of its training."""
        return frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCopy:
    """The copy of weights to start from.

    Attributes:
        digest: their digest.
        folder: the folder of the copy on the driver's node.
    """

    digest: str
    folder: str


class StartModels:
    """Find the models that the trials of a run start from.

    Args:
        run: the folder of the run; the runs beside it may be named.
    """

    def __init__(self, run: Place) -> None:
        self._run = run
        self._sources: dict[str, Source] = {}
        self._facts: dict[tuple[str, int], StartFacts] = {}

    def source(self, name: str) -> Source:
        """Return the models of a name; it is looked up once.

        Raises:
            StartError: there is no such model; the message says what there is.
        """
        if name not in self._sources:
            self._sources[name] = find_source(name, self._run)
        return self._sources[name]

    def facts(self, config: "ExperimentConfig", seed: int) -> "StartFacts | None":
        """Return what is known of the weights that a trial starts from, None for initial ones.

        It is the model of the trial's own seed where there is one, else that of the lowest seed.

        Raises:
            StartError: there is no such model.
            SugrmError: it cannot be read.
        """
        if config.start_from is None:
            return None
        name, own = self._own(config.start_from.model, seed)
        if (name, own) not in self._facts:
            self._facts[name, own] = self.source(name).load(own).facts
        return self._facts[name, own]

    def copy(self, config: "ExperimentConfig", seed: int) -> StartCopy | None:
        """Return the copy of the weights that a trial starts from, made where there is none.

        Raises:
            StartError: the model is no longer the one of which the run has the digest.
            DataError: the cache cannot be written.
        """
        facts = self.facts(config, seed)
        if facts is None or config.start_from is None:
            return None
        folder = copies_folder() / facts.digest
        if not folder.exists():
            name, own = self._own(config.start_from.model, seed)
            start = self.source(name).load(own)
            if start.facts.digest != facts.digest:
                raise StartError(
                    f"start_from: the model of {name!r} has changed since this command began; run "
                    "the same command again: it starts from the new one"
                )
            with folder_lock(folder, f"writes {folder}"), writing(folder):
                if not folder.exists():
                    write_whole(folder, start.write)
        return StartCopy(digest=facts.digest, folder=os.fspath(folder.absolute()))

    def _own(self, name: str, seed: int) -> tuple[str, int]:
        seeds = self.source(name).seeds
        return name, seed if seed in seeds else seeds[0]


def copies_folder() -> Path:
    """Return the folder of all copies on this machine."""
    return cache_folder() / FOLDER


def find_source(name: str, run: Place) -> Source:
    """Return the models of a name: a run, one of its trials or cells, or a model folder.

    Args:
        name: a run by its name, where it lies beside ``run``, or by its path; ``RUN/KEY`` or
            ``RUN/GROUP/CELL``; or the path of a folder that ``sugrm-search export`` wrote.
        run: the folder of the run that starts from it.

    Raises:
        StartError: there is no such model, or it is the run itself.
        SugrmError: the folder cannot be read.
    """
    found = _run_called(name, run)
    if found is not None:
        return _of_run(*found, starts=run)
    if Path(name).expanduser().is_dir():
        from sugrm.prediction.opening import open_folder

        folder, description = open_folder(Path(name).expanduser())
        return FolderSource(folder=folder, description=description)
    raise _unknown(name, run)


def _run_called(name: str, run: Place) -> tuple[Place, str] | None:
    """Return the run that a name begins with, and the rest of the name; None for no run.

    A run is named by its folder's name where it lies beside ``run``, else by its path.
    """
    first, _, rest = name.partition("/")
    if first and (run.parent / first / FILE).exists():
        return run.parent / first, rest
    parts = name.split("/")
    for number in range(len(parts), max(0, len(parts) - _MOST_PARTS), -1):
        path = "/".join(parts[:number])
        if path and (place(path) / FILE).exists():
            return place(path), "/".join(parts[number:])
    return None


def _of_run(run: Place, rest: str, *, starts: Place) -> RunSource:
    from search.model_choice.configurations import Choice
    from search.model_choice.selection import select_in

    if str(run.absolute()) == str(starts.absolute()):
        raise StartError(
            f"start_from: {run.name!r} is this run itself; expected another run, or the folder of "
            "an exported model"
        )
    choice = Choice()
    if rest:
        choice = Choice(cell=rest) if "/" in rest else Choice(key=rest)
    check_name(run, read_experiment(run))
    try:
        selection = select_in(run, choice)
    except SearchError as error:
        raise StartError(
            f"start_from: {error}; in start_from a trial is {run.name}/KEY and a cell "
            f"{run.name}/GROUP/CELL"
        ) from error
    return RunSource(
        run=run,
        models=selection.models,
        data_fingerprint=selection.trial.data_fingerprint or "",
    )


def _unknown(name: str, run: Place) -> StartError:
    runs = [path.parent.name for path in run.parent.glob(f"*/{FILE}")]
    known = sorted({*runs} - {run.name})
    near = get_close_matches(name.partition("/")[0], known, n=1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    more = ", ..." if len(known) > _MOST_NAMED else ""
    return StartError(
        f"start_from: there is no run and no folder {name!r}; expected a run in {run.parent} "
        f"({', '.join(known[:_MOST_NAMED]) or 'none yet'}{more}), RUN/KEY for one of its trials, "
        f"or a folder that sugrm-search export wrote{meant}"
    )
