"""The quantiles of generated labels are those of one trial."""

import json

import pytest

from reports.ledger.reading.load import load_results
from reports.results.labels.quantiles import label_quantiles
from tests.reports.ledger_builder import LedgerBuilder

LABELS = [-2.0, -1.0, 0.0, 1.0, 2.0]


def generated(builder, name, seed, *, labels="sugrm"):
    """Add a trial whose labels of two modalities are those of ``LABELS`` plus the epoch."""
    config = json.dumps({"objective": {"labels": {"name": labels, "first_epoch": 2}}})
    builder.cell(name, seed, 0.9, config=config)
    builder.rows["labels"] += [
        {"key": builder.rows["trials"][-1]["key"], "epoch": epoch, "task": task}
        | {"labels": [label + epoch - 1 for label in LABELS]}
        for epoch in (2, 1)
        for task in "AT"
    ]


def test_quantiles_of_the_first_seed_by_modality_and_epoch(tmp_path):
    builder = LedgerBuilder(tmp_path)
    generated(builder, "baseline", 2)
    generated(builder, "baseline", 1)
    found = label_quantiles(load_results(builder.write()))
    assert (found.name, found.trial.seed) == ("baseline of the ablation modules", 1)
    assert {task: list(epochs) for task, epochs in found.generated.items()} == {
        "T": [1, 2],
        "A": [1, 2],
    }
    assert found.generated["A"][2] == pytest.approx([-0.8, 0.0, 1.0, 2.0, 2.8])
    assert found.human == pytest.approx([-1.8, -1.0, 0.0, 1.0, 1.8])
    assert (found.first_epoch, found.utterances) == (2, 5)


def test_a_run_that_generates_no_labels_has_none(tmp_path):
    builder = LedgerBuilder(tmp_path)
    generated(builder, "baseline", 1, labels="none")
    assert label_quantiles(load_results(builder.write())) is None
