from reports.paper.rows.layouts import LAYOUTS
from tests.reports.paper.paper_runs import found, notes, run


def test_under_each_table_stands_that_the_paper_states_no_number_of_seeds(tmp_path):
    for number in LAYOUTS:
        found(notes(number), "The paper states no number of seeds.")


def test_the_misprint_stands_under_table_4_alone():
    assert found(notes("4"), "Misprint") == (
        "Misprint of the paper: SUGRM, ULGM->Self-MM's, MOSEI, F1: printed as 0.79.5/84.1 in the "
        "paper; read here as 79.5/84.1."
    )
    assert not any("Misprint" in line for line in notes("2"))


def test_a_row_that_a_run_plans_is_filled_by_that_runs_command(usual_runs):
    results = run(usual_runs / "mine", {"g": {"L1": [0.8, 0.9], "L2": []}}, name="mine")
    assert found(notes("8", results), "Missing seeds") == (
        "MOSI: Missing seeds (L1: 3; L2: 1, 2, 3) are not filled in. Run them with: "
        "sugrm-search run mine.yaml"
    )


def test_a_row_that_no_run_plans_is_filled_by_the_packaged_space(usual_runs):
    results = run(usual_runs / "run", {"g": {"L1": [0.8, 0.9, 1.0]}})
    assert found(notes("8", results), "Huber") == (
        "MOSI, not run: L2; Huber. Run them with: "
        "sugrm-search run spaces/ablation_losses.yaml --data unaligned=PATH"
    )


def test_a_row_whose_data_the_space_does_not_name_says_which(usual_runs):
    results = run(
        usual_runs / "run", {"g": {"SUGRM": []}}, alignment="aligned", data={"unaligned": "x"}
    )
    assert found(notes("1", results), "no aligned data") == (
        "MOSI: Not run, since the space names no aligned data: SUGRM. Add --data aligned=PATH to: "
        "sugrm-search run run.yaml"
    )


def test_a_dataset_that_is_left_out_is_named_with_its_command(usual_runs):
    results = run(usual_runs / "run", {"g": {"M": [0.8]}})
    assert found(notes("3", results), "left out") == (
        "MOSEI: no row has run, so it is left out. Run them with: sugrm-search run "
        "spaces/ablation_tasks.yaml --data unaligned=PATH --set name=ablation_tasks_mosei "
        "--set data.dataset=mosei --set 'experiment.preset=[mosei,paper]'"
    )


def test_the_extra_row_and_the_baseline_are_explained(tmp_path):
    lines = notes("2", run(tmp_path, {"g": {"SUGRM": [0.8], "text only": [0.9]}}))
    found(lines, "Extra: text only is not in the paper")
    found(lines, "The baseline is Self-MM")


def test_rows_with_too_few_seeds_for_a_verdict_are_named_with_their_seeds(tmp_path):
    cells = {"SUGRM": [0.7], "SPT": [0.7, 0.8], "MulT": [0.7, 0.8, 0.9, 0.8, 0.7]}
    lines = notes("2", run(tmp_path, {"g": {**cells, "text only": [0.7]}}, seeds=[1, 2, 3, 4, 5]))
    assert found(lines, "No verdict") == "No verdict below 5 seeds. 1 seed: SUGRM. 2 seeds: SPT."


def test_an_interval_that_passes_what_a_metric_can_be_is_pointed_out(tmp_path):
    wide, narrow = (
        notes("2", run(tmp_path / name, {"g": {"SUGRM": maes}}))
        for name, maes in (("wide", [0.1, 0.9, 0.5]), ("narrow", [0.70, 0.71, 0.72]))
    )
    found(wide, "MAE below 0; Corr above 1.", "not cut")
    assert not [line for line in narrow if "not cut" in line]


def test_a_cell_that_leaves_a_stream_out_is_no_row_of_the_paper(tmp_path):
    """It has the name of a row; nothing is compared with the paper's value."""
    cells = {"SUGRM": [0.7], "SPT": [0.8]}
    configs = {"SUGRM": {"model": {"modalities": ["text"]}}}
    results = run(tmp_path, {"g": cells}, name="mine", configs=configs)
    lines = notes("2", results)
    assert found(lines, "leaves out") == (
        "No published values are shown for SUGRM of g of the run mine, which leaves out audio, "
        "vision: the paper's systems read text, audio and vision."
    )
    assert "SUGRM" in found(lines, "MOSI, not run")


def test_notes_are_about_what_is_shown(usual_runs):
    """Synthetic data stand beside no value of the paper, so nothing about those is said."""
    data = {"dataset": "synthetic"}
    results = run(usual_runs / "synthetic", {"g": {"SUGRM": [0.8]}}, data=data)
    lines = notes("4", results)
    found(lines, "synthetic, not run")
    for words in ("Paper: its Table", "Misprint", "MOSI", "MOSEI"):
        assert not [line for line in lines if words in line], words
