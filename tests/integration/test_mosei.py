"""spaces/mosei.yaml from end to end, on synthetic utterances of MOSEI's widths and lengths."""

import pytest

from reports.ledger.reading.load import load_results

pytestmark = pytest.mark.slow

WIDTHS = ("--audio-width", "74", "--vision-width", "35")
LENGTHS = ("--text-length", "50", "--audio-length", "500", "--vision-length", "375")
SIZES = ("--train", "8", "--valid", "4", "--test", "4")
SMALL = (
    "experiment.model.text.name=tiny",
    "experiment.training.max_epochs=1",
    "search.trials=2",
    "confirm.top=1",
    "confirm.seeds=[1, 2]",
)


def test_mosei_runs_from_a_pickle_to_a_report(here, tmp_path):
    made = here("data", "synthesize", "mosei.pkl", *WIDTHS, *LENGTHS, *SIZES)
    assert (made.returncode, made.stderr) == (0, "")
    overrides = [word for change in SMALL for word in ("--set", change)]
    run = ("run", "spaces/mosei.yaml", "--data", "unaligned=mosei.pkl", *overrides)
    done = here(*run)
    assert (done.returncode, done.stderr) == (0, "")
    report = here("report", "mosei")
    assert (report.returncode, report.stderr) == (0, "")
    results = load_results(tmp_path / "runs" / "mosei")
    confirmed = [role for role in results.roles if role.phase == "confirm"]
    assert sorted(role.seed for role in confirmed) == [1, 2]
    assert all(results.trials[role.key].test["mae"] < 3 for role in confirmed)
    markdown = (tmp_path / "runs" / "mosei" / "report" / "report.md").read_text()
    assert "No published values are shown for mosei 8/4/4" in markdown
    assert not [line for line in markdown.splitlines() if line.startswith("| published ")]
