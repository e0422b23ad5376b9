"""``sugrm-search export``: the trained model of a run as a folder, or its search as a study."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from search.cli.display.output import say
from search.cli.options import Plugins, RunsFolder

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place

EXAMPLES = """\b
Examples:
  sugrm-search export demo model                      the chosen configuration, all its seeds
  sugrm-search export demo model --seed 1111
  sugrm-search export demo --optuna demo.journal      the search, for Optuna
  optuna-dashboard demo.journal
"""


def export(
    name: Annotated[str, typer.Argument(metavar="RUN", help="Run to export.")],
    out: Annotated[
        Path | None,
        typer.Argument(metavar="[OUT]", help="Folder to write the model into."),
    ] = None,
    optuna: Annotated[
        Path | None,
        typer.Option(
            "--optuna",
            metavar="FILE",
            help="Write the search to this journal file, for Optuna and optuna-dashboard.",
        ),
    ] = None,
    cell: Annotated[
        str | None,
        typer.Option(
            "--cell",
            metavar="GROUP/CELL",
            help="Take this cell of an ablation, not the chosen configuration.",
        ),
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", metavar="KEY", help="Take the model of this trial.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", metavar="N", help="Take this seed alone; default: all seeds, as an ensemble."
        ),
    ] = None,
    adapter: Annotated[
        bool,
        typer.Option(
            "--adapter",
            help="Keep LoRA adapters apart and leave out the text encoder, which is named; "
            "default: adapters are merged into it.",
        ),
    ] = False,
    plugins: Plugins = None,
    torch_export: Annotated[
        bool,
        typer.Option(
            "--torch-export",
            help="Also write each model as a program of torch.export (model.pt2), which runs "
            "without this package; takes up to minutes.",
        ),
    ] = False,
    license_id: Annotated[
        str,
        typer.Option(
            "--license",
            metavar="ID",
            help="Licence of the weights for the model card, as the Hugging Face hub names it.",
        ),
    ] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Replace an earlier export of that name.")
    ] = False,
    runs: RunsFolder = Path("runs"),
) -> None:
    """Write the trained model of a run into a folder.

    OUT receives the weights (safetensors), config.json, tokeniser and text encoder, and a model
    card: everything that is needed to score utterances, by `sugrm-search predict OUT INPUT` or
    `sugrm.load("OUT")`. By default it is the configuration that validation chose, with every seed
    whose model the run kept.

    --optuna writes the search instead, with every trial that has ended: its parameters, its
    validation metric by epoch and how it ended. Test scores are left out, since a search must not
    see them. The run is only read, so it may be running.
    """
    from reports.ledger.places.storage import check_reachable

    _check_options(out, optuna, of_model={"--cell": cell, "--key": key, "--seed": seed})
    check_reachable(runs)
    if optuna is not None:
        _export_search(runs, name, file=optuna, force=force)
    if out is not None:
        from search.cli.model_export.command import Form, export_model
        from search.model_choice.configurations import Choice
        from search.status.runs import run_folder

        choice = Choice(cell=cell, key=key, seed=seed)
        folder = run_folder(runs, name)
        form = Form(force=force, license_id=license_id, programs=torch_export, adapter=adapter)
        export_model(folder, out, choice=choice, form=form, plugins=plugins or ())


def _check_options(
    out: Path | None, optuna: Path | None, *, of_model: Mapping[str, object]
) -> None:
    """Raise unless it is said what to write, and once."""
    if out is None and optuna is None:
        raise typer.BadParameter(
            "missing; expected a folder for the model, or --optuna FILE for the search",
            param_hint="OUT",
        )
    given = [option for option, value in of_model.items() if value is not None]
    if out is None and given:
        raise typer.BadParameter(
            "chooses a model; expected OUT, the folder to write it into", param_hint=given[0]
        )
    if of_model["--cell"] is not None and of_model["--key"] is not None:
        raise typer.BadParameter("got --key too; expected one of them", param_hint="--cell")
    if out is not None and "://" in str(out):
        raise typer.BadParameter(f"got {out}; expected a folder of this machine", param_hint="OUT")


def _export_search(runs: "Place", name: str, *, file: Path, force: bool) -> None:
    from search.cli.display.wording import counted
    from search.sampling.journal.export import export_journal
    from search.status.runs import run_folder

    trials = export_journal(
        run_folder(runs, name),
        file,
        replace=force,
        warn=lambda line: say(f"warning: {line}", to_errors=True),
    )
    say(f"wrote {file}: study {name}, {counted(trials, 'trial')}")
