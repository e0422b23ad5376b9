"""The models that ``experiment.start_from`` names: those of a run, or of an exported folder."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from reports.ledger.places.storage import Place, place
from search.errors import SearchError
from search.ledger.experiment_file import FILE, check_name, read_experiment
from sugrm.errors import ModelFolderError, StartError

if TYPE_CHECKING:
    from sugrm.prediction.description import ModelDescription
    from sugrm.training.start.weights import StartWeights

_MOST_NAMED = 8
_MOST_PARTS = 3  # RUN, or RUN/KEY, or RUN/GROUP/CELL


class Source(Protocol):
    """One or more trained models that differ in nothing but their seed."""

    @property
    def title(self) -> str:
        """Return which configuration the models are of, "" where that is not known."""
        ...

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds of the models."""
        ...

    @property
    def absent(self) -> Mapping[int, str]:
        """Return seed -> why it has no model, for the other seeds of the configuration."""
        ...

    def load(self, seed: int) -> "StartWeights":
        """Return the weights of the model of a seed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSource:
    """The kept models of a configuration of a run.

    Attributes:
        run: the folder of the run.
        title: which configuration it is.
        models: seed -> folder of the model, whose name is the key of its trial.
        absent: seed -> why it has no model, for the other seeds of the configuration.
        data_fingerprint: the fingerprint of the corpus that trained them.
        starts_from: the model that their own training started from, as that run names it; "" for
            initial weights.
    """

    run: Place
    title: str
    models: Mapping[int, Place]
    absent: Mapping[int, str] = field(default_factory=dict)
    data_fingerprint: str
    starts_from: str = ""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSource:
    """The models that ``sugrm-search export`` wrote into a folder."""

    folder: Path
    description: "ModelDescription"
    title: str = ""
    absent: Mapping[int, str] = field(default_factory=dict)

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds of the models."""
        return tuple(sorted(self.description.seeds))

    def load(self, seed: int) -> "StartWeights":
        """Return the weights of the model of a seed."""
        from sugrm.prediction.start_weights import start_of_folder

        return start_of_folder(self.folder, self.description, seed=seed)


def find_source(name: str, run: Place) -> Source:
    """Return the models of a name: a run, one of its trials or cells, or a model folder.

    Args:
        name: a run by its name, where it lies beside ``run``, or by its path; ``RUN/KEY``,
            ``RUN/checkpoints/KEY`` or ``RUN/GROUP/CELL``; or the path of a folder that
            ``sugrm-search export`` wrote.
        run: the folder of the run that starts from it.

    Raises:
        StartError: there is no such model, it is the run itself, or it cannot be read.
        RunFolderError: the folder of the run is damaged or has another name.
        StorageError: an object store does not answer.
    """
    found = _run_called(os.path.expanduser(name.rstrip("/")) or name, run)
    if found is not None:
        return _of_run(*found, starts=run)
    model = _of_folder(Path(name).expanduser())
    if model is None:
        raise _unknown(name, run)
    return model


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
    from reports.ledger.reading.results import CHECKPOINTS
    from search.model_choice.configurations import Choice
    from search.model_choice.selection import select_in

    if str(run.absolute()) == str(starts.absolute()):
        raise StartError(
            f"start_from: {run.name!r} is this run itself; expected another run, or the folder of "
            "an exported model"
        )
    choice = Choice()
    if rest:
        one = rest.removeprefix(f"{CHECKPOINTS}/")  # the path of the kept model of a trial
        choice = Choice(cell=one) if "/" in one else Choice(key=one)
    check_name(run, read_experiment(run))
    try:
        selection = select_in(run, choice)
    except SearchError as error:
        raise StartError(
            f"start_from: {_without_options(str(error))}; in start_from a trial is "
            f"{run.name}/KEY and a cell {run.name}/GROUP/CELL"
        ) from error
    return RunSource(
        run=run,
        title=selection.configuration.name,
        models=selection.models,
        absent=selection.absent,
        data_fingerprint=selection.trial.data_fingerprint or "",
        starts_from=start_name(selection.trial.config),
    )


def start_name(config: str) -> str:
    """Return the model that a recorded configuration starts from, "" for initial weights."""
    try:
        return str(json.loads(config)["start_from"]["model"])
    except (TypeError, ValueError, KeyError):  # no such option, or no configuration is recorded
        return ""


def _without_options(text: str) -> str:
    """Return a message of the choice of a model in the words of ``start_from``."""
    return text.replace("--cell ", "the cell ").replace("--key ", "the trial ")


def _of_folder(path: Path) -> FolderSource | None:
    """Return the models in a folder, None where it is no model folder."""
    from sugrm.prediction.description import CONFIG_FILE
    from sugrm.prediction.opening import open_folder

    if not (path / CONFIG_FILE).is_file():
        return None
    try:
        folder, description = open_folder(path)
    except ModelFolderError as error:
        raise StartError(f"start_from: {error}") from error
    return FolderSource(folder=folder, description=description)


def _unknown(name: str, run: Place) -> StartError:
    runs = [path.parent.name for path in run.parent.glob(f"*/{FILE}")]
    known = sorted({*runs} - {run.name})
    near = get_close_matches(name.partition("/")[0], known, n=1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    more = ", ..." if len(known) > _MOST_NAMED else ""
    return StartError(
        f"start_from: there is no run and no model folder {name!r}; expected a run in {run.parent} "
        f"({', '.join(known[:_MOST_NAMED]) or 'none yet'}{more}), RUN/KEY for one of its trials, "
        f"or a folder that sugrm-search export wrote{meant}"
    )
