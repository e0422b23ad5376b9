"""Looking up what the paper reports for a system.

Source: Hwang & Kim, Findings of EACL 2023, Tables 1 (aligned) and 2 (unaligned).
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_TABLE_OF = {"aligned": "1", "unaligned": "2"}
_ROW_OF = {"sugrm": "SUGRM"}
_BOTH_WAYS = ("negative_nonnegative", "negative_positive")


def published_table(alignment: str) -> str:
    """Return the number of the paper's table of systems on ``alignment`` input, "" if none."""
    return _TABLE_OF.get(alignment, "")


def published_metrics(dataset: str, alignment: str, model: str) -> Mapping[str, float]:
    """Return the published test metrics of ``model`` by the names of ``reports.schema.METRICS``.

    Shares are fractions, as in the ledger. Empty where the paper has no such row.

    >>> published_metrics("mosi", "unaligned", "sugrm")["mae"]
    0.703
    """
    found: dict[str, float] = {}
    for cell in _cells():
        place = cell["table"], cell["dataset"], cell["row"]
        if place != (published_table(alignment), dataset, _ROW_OF.get(model)):
            continue
        if cell["value"]:
            found[cell["metric"]] = float(cell["value"])
        for way in _BOTH_WAYS:
            if cell[way]:
                found[f"{cell['metric']}_{way}"] = round(float(cell[way]) / 100, 4)
    return found


@cache
def _cells() -> tuple[dict[str, str], ...]:
    text = files("reports.published").joinpath("published.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
