"""The utterances that the paper shows, with their predictions and generated labels.

Source: Hwang & Kim, Findings of EACL 2023, Table 5; all of them are in MOSI's training split.
"""

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from reports.ledger.schema import UNIMODAL_TASKS

COLUMNS = (
    "human_label",
    *(f"prediction_{task}" for task in ("M", *UNIMODAL_TASKS)),
    *(f"label_{task}" for task in UNIMODAL_TASKS),
)
_ID = re.compile(r"(?P<video>.+)(?:\$_\$|_|\[)(?P<clip>\d+)\]?")


def published_utterances(dataset: str) -> Mapping[str, Mapping[str, float]]:
    """Return the paper's utterances in its order: plain name -> value by ``COLUMNS``.

    >>> published_utterances("mosi")["Clx4VXItLTE_25"]["label_A"]
    0.9
    """
    rows = [row for row in _rows() if row["dataset"] == dataset]
    return {row["utterance"]: {name: float(row[name]) for name in COLUMNS} for row in rows}


def plain_name(name: str) -> str:
    """Return the common form of an utterance's name, which differs between distributions.

    >>> [plain_name(name) for name in ("0h-zjBukYpk$_$17", "0h-zjBukYpk_17", "0h-zjBukYpk[17]")]
    ['0h-zjBukYpk_17', '0h-zjBukYpk_17', '0h-zjBukYpk_17']
    """
    match = _ID.fullmatch(name)
    return f"{match['video']}_{match['clip']}" if match else name


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = files("reports.published").joinpath("table_5.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
