"""spaces/sims.yaml from end to end, on synthetic utterances labelled as those of CH-SIMS are."""

import json
import subprocess

import pytest

from reports.ledger.parts import read_parts
from reports.ledger.reading.load import load_results
from sugrm.metrics import METRIC_NAMES

pytestmark = pytest.mark.slow

SIZES = ("--train", "32", "--valid", "8", "--test", "8", "--audio-length", "20")
SMALL = (
    "experiment.model.text.name=tiny",
    "experiment.training.max_epochs=1",
    "search.trials=2",
    "search.objective.metric=valid/acc2_sims",
    "confirm.top=1",
    "confirm.seeds=[1, 2]",
)


@pytest.mark.parametrize("dataset", ["sims", "own.yaml"])
def test_sims_runs_from_a_pickle_to_a_report(here, command, tmp_path, dataset):
    """The second dataset is described in a file, which is gone when the run is reported."""
    description = tmp_path / "own.yaml"
    description.write_text(
        "{name: own, label_bound: 1, metrics: sims, unimodal_labels: {text: labels_of_text}}"
    )
    made = here("data", "synthesize", "sims.pkl", "--dataset", dataset, *SIZES)
    assert (made.returncode, made.stderr) == (0, "")
    changes = (*SMALL, f"data.dataset={dataset}")
    overrides = [word for change in changes for word in ("--set", change)]
    run = ("run", "spaces/sims.yaml", "--data", "unaligned=sims.pkl", *overrides)
    done = here(*run)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    description.unlink()
    # In a process of its own, which has never read the description.
    report = subprocess.run(**command("report", "sims"), capture_output=True)
    assert (report.returncode, report.stderr) == (0, "")
    folder = tmp_path / "runs" / "sims"
    results = load_results(folder)
    assert results.experiment.dataset == dataset.removesuffix(".yaml")
    for trial in results.trials.values():
        assert set(trial.test) == set(METRIC_NAMES["sims"])
        assert trial.test["mae"] < 1
    recorded = json.loads((folder / "experiment.json").read_text())["versions"][-1]["space"]
    assert (recorded["data"]["dataset"] == "sims") == (dataset == "sims")
    epochs = read_parts(folder, "epochs").rows
    known = [letter for letter in "TAV" if epochs[f"label_truth_{letter}"].null_count == 0]
    assert known == (["T", "A", "V"] if dataset == "sims" else ["T"])
    assert epochs["valid_acc7"].null_count == len(epochs)
