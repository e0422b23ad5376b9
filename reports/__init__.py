"""Tables and documents from a run's Parquet ledger."""

from reports.document import Report, build_report, save_report, terminal_text, write_report
from reports.errors import ReportError, UnknownNameError
from reports.load import Results, load_results
from reports.render import RENDERERS
from reports.tables import TABLES

__all__ = [
    "RENDERERS",
    "TABLES",
    "Report",
    "ReportError",
    "Results",
    "UnknownNameError",
    "build_report",
    "load_results",
    "save_report",
    "terminal_text",
    "write_report",
]
