"""The trained models that trials start from (``experiment.start_from``).

A name is resolved once by the driver. What a trial depends on is the digest of the weights, not
where they lie, so a copy in the cache serves the workers: the run that trained them may go on and
replace its models, and another node may not have it.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place
from search.trials.start.sources import Source, find_source
from sugrm.data.cache.folders import folder_lock, write_whole, writing
from sugrm.data.loading import cache_folder
from sugrm.errors import CheckpointError, EncoderError, ModelFolderError, StartError

if TYPE_CHECKING:
    from sugrm import ExperimentConfig
    from sugrm.training.start.weights import StartFacts, StartWeights

FOLDER = "start_weights"
"""Folder of the copies, beside the converted corpora."""


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
            StartError: there is no such model, or it cannot be read.
        """
        if config.start_from is None:
            return None
        name, own = self._own(config.start_from.model, seed)
        if (name, own) not in self._facts:
            self._facts[name, own] = self._load(name, own).facts
        return self._facts[name, own]

    @property
    def bytes_to_copy(self) -> int:
        """Return the bytes of the weights that ``facts`` has read and the cache lacks."""
        known = {facts.digest: facts for facts in self._facts.values()}
        return sum(
            facts.size for digest, facts in known.items() if not (copies_folder() / digest).exists()
        )

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
            start = self._load(name, own)
            if start.facts.digest != facts.digest:
                raise StartError(
                    f"start_from: the model of {name!r} has changed since this command began; run "
                    "the same command again: it starts from the new one"
                )
            with folder_lock(folder, f"writes {folder}"), writing(folder):
                if not folder.exists():
                    write_whole(folder, start.write)
        return StartCopy(digest=facts.digest, folder=os.fspath(folder.absolute()))

    def _load(self, name: str, seed: int) -> "StartWeights":
        try:
            return self.source(name).load(seed)
        except (CheckpointError, ModelFolderError, EncoderError) as error:
            raise StartError(f"start_from: {error}") from error

    def _own(self, name: str, seed: int) -> tuple[str, int]:
        seeds = self.source(name).seeds
        return name, seed if seed in seeds else seeds[0]


def copies_folder() -> Path:
    """Return the folder of all copies on this machine."""
    return cache_folder() / FOLDER
