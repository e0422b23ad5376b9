"""Every space that makes a table, from end to end on a small synthetic corpus."""

import pytest

from reports.ledger.reading.load import load_results

pytestmark = pytest.mark.slow

SIZES = "{train: 24, valid: 8, test: 8, text_length: 10, audio_length: 14, vision_length: 12}"
SMALL = (
    f"data={{dataset: synthetic, synthetic: {SIZES}}}",
    "experiment.model.text.name=tiny",
    "experiment.training.max_epochs=1",
    "seeds=[1]",
)
CELLS = {  # cells of each space, all of which can run on a synthetic corpus
    "baselines": 20,
    "baselines_mosei": 19,
    "ablation_tasks": 9,
    "ablation_modules": 11,
    "ablation_modules_mosei": 11,
    "ablation_losses": 4,
    "fidelity": 17,
    "label_truth": 8,
    "label_rules": 9,
    "label_rules_mosi": 9,
    "label_settings": 10,
}


@pytest.mark.parametrize("space", CELLS)
def test_a_space_fills_all_its_cells(here, tmp_path, space):
    overrides = [word for change in SMALL for word in ("--set", change)]
    done = here("run", f"spaces/{space}.yaml", *overrides)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    report = here("report", space)
    assert (report.returncode, report.stderr) == (0, "")
    results = load_results(tmp_path / "runs" / space)
    cells = {(role.group, role.cell) for role in results.roles}
    assert len(cells) == CELLS[space]
    assert all(results.trials[role.key].status == "finished" for role in results.roles)
    assert all(results.trials[role.key].test["mae"] < 6 for role in results.roles)


def test_the_report_of_the_demo_is_one_screen(here, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    sizes = SIZES.replace("valid: 8, test: 8", "valid: 12, test: 12")
    changes = ("experiment.training.max_epochs=3", f"data.synthetic={sizes}")
    overrides = [word for change in changes for word in ("--set", change)]
    done = here("run", "spaces/demo.yaml", "--trials", "3", *overrides)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    report = here("report", "demo")
    assert (report.returncode, report.stderr) == (0, "")
    lines = report.stdout.rstrip("\n").split("\n")
    assert sum(max(1, -(-len(line) // 80)) for line in lines) <= 40
    sections = ("Chosen configuration", "Test metrics", "Ablations", "What to do next", "wrote")
    starts = [next(n for n, line in enumerate(lines) if line.startswith(s)) for s in sections]
    assert starts == sorted(starts)
