"""The utterances of the corpora that a run reads, each written once.

With them a report shows texts beside labels and predictions without the corpus.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from reports.ledger import schema
from reports.ledger.parts import left_out
from reports.ledger.places.storage import Place
from search.ledger.part_folder import PartFolder
from search.ledger.recovery import set_aside_damaged

if TYPE_CHECKING:
    from sugrm import Corpus
    from sugrm.data import Utterances

TABLE = "utterances"
_SYNTHETIC = "synthetic"
_IDENTITY = ("data_fingerprint", "alignment")


def damaged_utterances(run: Place) -> list[str]:
    """Return a line for each part of the utterances that cannot be read."""
    table = PartFolder(run / TABLE, schema.UTTERANCES)
    table.read_all()
    return [left_out(line) for line in table.damaged]


def record_utterances(run: Place, corpora: Iterable[Path]) -> list[str]:
    """Write the utterances of each corpus that the run does not hold yet.

    Args:
        run: the run folder.
        corpora: the cache folders of the corpora that this command reads.

    Returns:
        A line for each damaged part that was moved to ``damaged``.
    """
    from sugrm import Corpus

    table = PartFolder(run / TABLE, schema.UTTERANCES)
    table.remove_temporary()
    damaged = [
        f"{line}, and utterances of the data of this command are written again"
        for _, line in set_aside_damaged(run, table, columns=None)
    ]
    held = table.read_all(_IDENTITY).group_by(list(_IDENTITY)).aggregate([])
    known = {tuple(row.values()) for row in held.to_pylist()}
    for corpus in map(Corpus.open, corpora):
        if (corpus.fingerprint, corpus.alignment) not in known:
            stem = f"{corpus.alignment}-{corpus.fingerprint}"
            table.write_table(stem, _rows(corpus), dense=True)
    return damaged


def _unimodal(corpus: "Corpus", utterances: "Utterances") -> dict[str, "pa.Array[Any]"]:
    """Return the human labels of each modality by column, null where there is none.

    The sentiment that a synthetic corpus was made from is no human label, and a label of a
    modality that an utterance lacks is compared with nothing.
    """
    from sugrm.types import MODALITY_OF, Task

    columns: dict[str, pa.Array[Any]] = {}
    for task in schema.UNIMODAL_TASKS:
        modality = MODALITY_OF[Task(task)]
        labels = None if corpus.name == _SYNTHETIC else utterances.true_sentiment(modality)
        columns[f"label_{task}"] = (
            pa.nulls(len(utterances), pa.float32())
            if labels is None
            else pa.array(labels, pa.float32(), mask=~utterances.present(modality))
        )
    return columns


def _rows(corpus: "Corpus") -> pa.Table:
    parts = []
    for split, utterances in corpus.splits.items():
        count = len(utterances)
        columns: dict[str, Any] = {
            "data_fingerprint": pa.repeat(corpus.fingerprint, count),
            "alignment": pa.repeat(corpus.alignment, count),
            "split": pa.repeat(split.value, count),
            "position": np.arange(count, dtype=np.int32),
            "id": utterances.ids,
            "text": utterances.raw_text,
            "label": utterances.labels,
            **_unimodal(corpus, utterances),
            "schema_version": np.full(count, schema.SCHEMA_VERSION, np.int32),
        }
        parts.append(pa.table(columns, schema=schema.UTTERANCES))
    return pa.concat_tables(parts)
