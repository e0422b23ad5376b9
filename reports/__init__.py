"""Tables, figures and pages from a run's Parquet ledger.

Names are imported on first use, so that reading a ledger does not load tables and figures.
"""

import importlib
from typing import TYPE_CHECKING, Any

from reports.content.display import Displayed, show_with

if TYPE_CHECKING:
    from reports.build import (
        Choice,
        Report,
        build_report,
        comparison_of,
        report_of,
        report_of_all,
    )
    from reports.errors import ReportError, UnknownNameError
    from reports.export import DEFAULT_FORMATS, FORMATS, overview_text, save_report, terminal_text
    from reports.figures import FIGURES
    from reports.ledger.reading.load import Results, load_results, load_run
    from reports.paper import PAPER_TABLES
    from reports.results.best_configuration import BestConfiguration, best_configuration
    from reports.tables import TABLES

_MODULES = {
    "DEFAULT_FORMATS": "reports.export",
    "FIGURES": "reports.figures",
    "FORMATS": "reports.export",
    "PAPER_TABLES": "reports.paper",
    "TABLES": "reports.tables",
    "BestConfiguration": "reports.results.best_configuration",
    "Choice": "reports.build",
    "Report": "reports.build",
    "ReportError": "reports.errors",
    "Results": "reports.ledger.reading.load",
    "UnknownNameError": "reports.errors",
    "best_configuration": "reports.results.best_configuration",
    "build_report": "reports.build",
    "comparison_of": "reports.build",
    "load_results": "reports.ledger.reading.load",
    "load_run": "reports.ledger.reading.load",
    "overview_text": "reports.export",
    "report_of": "reports.build",
    "report_of_all": "reports.build",
    "save_report": "reports.export",
    "terminal_text": "reports.export",
}

__all__ = [
    "DEFAULT_FORMATS",
    "FIGURES",
    "FORMATS",
    "PAPER_TABLES",
    "TABLES",
    "BestConfiguration",
    "Choice",
    "Report",
    "ReportError",
    "Results",
    "UnknownNameError",
    "best_configuration",
    "build_report",
    "comparison_of",
    "load_results",
    "load_run",
    "overview_text",
    "report_of",
    "report_of_all",
    "save_report",
    "terminal_text",
]


def _html(thing: Displayed) -> str:
    from reports.notebook import notebook_html

    return notebook_html(thing)


def _text(thing: Displayed) -> str:
    from reports.notebook import plain_text

    return plain_text(thing)


show_with(html=_html, text=_text)


def __getattr__(name: str) -> Any:  # noqa: ANN401 - classes and functions of several kinds
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_MODULES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
