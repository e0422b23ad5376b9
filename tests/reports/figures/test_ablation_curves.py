from reports.content.mark import Look
from reports.figures.learning_curves import learning_curves
from reports.ledger.reading.load import load_results
from tests.reports.ledger_builder import LedgerBuilder


def test_an_ablation_has_a_line_a_seed_its_baseline_strong(tmp_path):
    builder = LedgerBuilder(tmp_path)
    for cell, seed, mae in (("LSTM", 1, 0.8), ("baseline", 1, 0.9), ("baseline", 2, 1.0)):
        changes = {} if cell == "baseline" else {"model.encoder.name": "lstm"}
        builder.cell(cell, seed, mae, changes=changes)
        key = builder.rows["trials"][-1]["key"]
        values = enumerate((1.5, mae), start=1)
        builder.rows["epochs"] += [{"key": key, "epoch": n, "valid_mae": v} for n, v in values]
    (figure,) = learning_curves(load_results(builder.write()))
    found = [(line.series, line.look, line.y[-1]) for line in figure.panels[0].marks]
    assert found == [
        ("baseline", Look.STRONG, 0.9), ("baseline", Look.STRONG, 1.0), ("LSTM", Look.NORMAL, 0.8),
    ]  # fmt: skip
    assert figure.summary == (
        "Validation MAE at the best epoch, mean over seeds: baseline 0.95, LSTM 0.8."
    )
    assert "n = 3 trials of 2 cells" in figure.notes[0]
