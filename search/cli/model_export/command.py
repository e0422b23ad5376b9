"""Export the models of a run: find them, load them one by one, write the folder, say what it is."""

import dataclasses
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reports.ledger.reading.load import load_run
from reports.ledger.reading.results import Results
from search.cli.display.output import say
from search.cli.display.wording import counted
from search.cli.model_export.facts import facts_of
from search.cli.model_export.run_plugins import load_run_plugins
from search.errors import SearchError
from search.estimate.disk import size
from search.model_choice.configurations import Choice
from search.model_choice.selection import Selection, select
from search.worker.checkpoint_store import checkpoint_at
from sugrm.version import NUMERICS

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place
    from reports.ledger.trials import Trial
    from sugrm import Trained
    from sugrm.prediction import WrittenFolder
    from sugrm.training.checkpoints.contract import InputContract


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a model folder is written.

    Attributes:
        force: whether an earlier model folder is replaced.
        license_id: licence of the weights for the model card; "" leaves it unknown.
        programs: whether each model is also written as a program of ``torch.export``.
        adapter: whether adapters are kept apart from the text encoder, which is then left out.
    """

    force: bool = False
    license_id: str = ""
    programs: bool = False
    adapter: bool = False


def export_model(
    run: "Place", out: Path, *, choice: Choice, form: Form, plugins: Sequence[str] = ()
) -> None:
    """Write the models of a run into a folder and print what it holds.

    Args:
        run: the folder of the run.
        out: the folder to write.
        choice: the configuration and the seeds.
        form: how the folder is written.
        plugins: files or modules of own systems; without any they are found as the run left them.

    Raises:
        SearchError: no model of the configuration is kept, or the data are needed and differ.
        SugrmError: ``out`` is there already, or a model or its text encoder cannot be loaded.
    """
    from sugrm.prediction import write_model_folder
    from sugrm.prediction.card.text import card_text
    from sugrm.prediction.export.replacing import check_target

    check_target(out, force=form.force)
    results = load_run(run)
    load_run_plugins(results, plugins)
    selection = select(results, choice)
    facts = facts_of(results, selection)
    written = write_model_folder(
        out,
        _models(results, selection),
        card=lambda description: card_text(description, facts, license_id=form.license_id),
        force=form.force,
        programs=form.programs,
        adapter=form.adapter,
    )
    _say(written, selection)


def _models(results: Results, selection: Selection) -> "Iterator[Trained]":
    """Yield the kept models one by one, each with the contract of its inputs."""
    from sugrm import load_trained

    _check_encoder(selection)
    for place in selection.models.values():
        trained = load_trained(checkpoint_at(str(place)))
        if trained.contract is None:
            contract = _contract_of_data(results, trained, trial=selection.trial)
            trained = dataclasses.replace(trained, contract=contract)
        yield trained


def _check_encoder(selection: Selection) -> None:
    """Raise an error where the text encoder of this machine is not the one of the trials."""
    from sugrm import ExperimentConfig
    from sugrm.modules.encoder_fingerprint import encoder_fingerprint

    wanted = selection.trial.encoder_fingerprint
    if not wanted:
        return
    text = ExperimentConfig.model_validate_json(selection.trial.config).model.text
    adapted = text.lora is not None
    found = encoder_fingerprint(text.name, finetune=text.finetune, adapted=adapted)
    if found != wanted:
        raise SearchError(
            f"the text encoder {text.name!r} of this machine is not the one that the model was "
            f"trained with (fingerprint {found}, expected {wanted}): its weights, its tokeniser or "
            "the version of this code differ; export where the run was made, or with its versions"
        )


def _contract_of_data(results: Results, trained: "Trained", *, trial: "Trial") -> "InputContract":
    """Return what a model reads that an earlier version kept without saying so: from its data."""
    from search.trials.recorded_space import recorded_space
    from sugrm import load_corpus
    from sugrm.training.checkpoints.contract import contract_of

    space = recorded_space(results.experiment.newest)
    corpus = load_corpus(space.data, trained.config.alignment)
    if corpus.fingerprint != trial.data_fingerprint:
        raise SearchError(
            "the model was kept by an earlier version, which did not record what it reads, and "
            f"the data of the run have changed since (fingerprint {corpus.fingerprint[:12]}, "
            f"expected {str(trial.data_fingerprint)[:12]}); restore the data file, or train the "
            "model again"
        )
    return contract_of(trained.config, corpus)


def _say(written: "WrittenFolder", selection: Selection) -> None:
    description = written.description
    seeds = ", ".join(map(str, description.seeds))
    many = len(description.seeds) > 1
    say(
        f"wrote {written.folder}: {description.experiment.model.name}, "
        f"{selection.configuration.name}; "
        + (f"an ensemble of the seeds {seeds}" if many else f"seed {seeds}")
        + f"; {size(sum(written.sizes.values()))} in {counted(len(written.sizes), 'file')}"
    )
    if selection.absent:
        say(f"seeds that are not in it: {selection.absent_text}")
    if description.numerics != NUMERICS:
        say(
            f"warning: the model was trained with numerics {description.numerics}, this code has "
            f"{NUMERICS}: its scores may differ from those of the run",
            to_errors=True,
        )
    what = "texts.csv" if description.text_encoder is not None else "features.pkl"
    words = ["sugrm-search", "predict", str(written.folder), what]
    for plugin in description.plugins:
        words += ["--plugin", str(written.folder / plugin.file)]
    say(f"score utterances with: {shlex.join(words)}")
