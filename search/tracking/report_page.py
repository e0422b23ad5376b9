"""The page of a run's report, for trackers that keep files."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place


def write_page(run: "Place", folder: Path) -> Path | None:
    """Write the report of ``run`` as one HTML file into ``folder``; None if no trial has ended.

    It holds no transcripts: a tracker's server may be open to others than the run is.
    """
    from reports import Choice, load_results, report_of, save_report

    results = load_results(run)
    if not results.trials:
        return None
    made = report_of(results, Choice(with_text=False))
    save_report(made, folder, formats=["html"])
    return folder / "report.html"
