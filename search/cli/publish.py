"""``sugrm-search publish``: a copy of runs that holds no data."""

from pathlib import Path
from typing import Annotated

import typer

from search.cli.options import RunsFolder

EXAMPLES = """\b
Examples:
  sugrm-search publish mosi --out results
  sugrm-search publish mosi mosi_lstm --out results --runs s3://BUCKET/runs
  sugrm-search report mosi --runs results           the report of the copy
  mkdir copies && cp -r results/mosi copies/        to continue it elsewhere
  sugrm-search run copies/mosi/space.yaml --runs copies
"""


def publish(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs to publish.")],
    out: Annotated[
        str,
        typer.Option(
            "--out",
            metavar="FOLDER",
            help="Folder for the copies, each in a folder with the name of its run.",
        ),
    ],
    runs: RunsFolder = Path("runs"),
) -> None:
    """Write a copy of runs that holds no data, to commit or give away.

    FOLDER/RUN receives experiment.json, the metrics of all trials and epochs (Parquet), the space,
    the report and a README. It receives no transcripts, utterance ids, human labels, generated
    labels or predictions, no models, no host names and no messages of failed trials.

    An earlier copy of the same run there is replaced as a whole. The run is only read, so it may
    be running: the trials that have ended are copied. A copy can be reported like a run, and
    continued: finished trials are not trained again.
    """
    from reports.ledger.places.storage import check_reachable
    from search.cli.publishing.command import publish_runs

    if "://" in out:
        raise typer.BadParameter(
            f"got {out}; expected a folder of this machine", param_hint="--out"
        )
    check_reachable(runs)
    publish_runs(runs, [name.rstrip("/") or name for name in names], out=Path(out))
