"""Tables, figures and pages from a run's Parquet ledger."""

from reports.build import (
    Choice,
    Report,
    build_report,
    comparison_of,
    load_run,
    report_of,
    report_of_all,
)
from reports.errors import ReportError, UnknownNameError
from reports.export import DEFAULT_FORMATS, FORMATS, save_report, terminal_text
from reports.figures import FIGURES
from reports.ledger.run.load import Results, load_results
from reports.paper import PAPER_TABLES
from reports.tables import TABLES

__all__ = [
    "DEFAULT_FORMATS",
    "FIGURES",
    "FORMATS",
    "PAPER_TABLES",
    "TABLES",
    "Choice",
    "Report",
    "ReportError",
    "Results",
    "UnknownNameError",
    "build_report",
    "comparison_of",
    "load_results",
    "load_run",
    "report_of",
    "report_of_all",
    "save_report",
    "terminal_text",
]
