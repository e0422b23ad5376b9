from pathlib import Path

import pytest

from search.cli.display.plan_view import plan_lines
from search.cli.main import execute
from search.plan import Cell, Plan
from tests.parametrise import mostly_slow
from tests.sugrm.tiny_encoders import write_config

SPACES = Path(__file__).resolve().parents[3] / "spaces"
INSTALLED = sorted(SPACES.glob("*.yaml"))


def cell(name, changes, *, runnable=True):
    return Cell(
        group="modules",
        name=name,
        changes=changes,
        alignment="aligned",
        max_epochs=5,
        runnable=runnable,
    )


def plan(**changes):
    values = {
        "name": "demo",
        "search_trials": 8,
        "search_seeds": (1,),
        "search_epochs": 10,
        "cells": (cell("baseline", {}), cell("remove MRM", {"model.recalibration": "none"})),
        "seeds": (1, 2),
        "confirm_top": 2,
        "confirm_seeds": (3, 4, 5),
        "alignments": ("aligned",),
    }
    return Plan(**(values | changes))


def test_the_head_counts_trials_and_epochs():
    """8 of the search, 2 x 3 confirmations, 2 x 2 cells; (8 + 6) x 10 + 4 x 5 epochs."""
    assert next(plan_lines(plan())) == "demo: at most 18 trials, 160 epochs"


def test_each_part_says_how_often_and_with_which_seeds():
    assert list(plan_lines(plan()))[1:] == [
        "  search: 8 trials, up to 10 epochs each",
        "  confirm: the best 2 of the search, seeds 3, 4, 5",
        "  ablation modules: 2 cells, seeds 1, 2",
        "    baseline: the fixed values",
        "    remove MRM: model.recalibration = none",
    ]


def test_a_search_with_several_seeds_counts_its_configurations_and_their_trials():
    """8 x 3 of the search, 2 x 3 confirmations, 2 x 2 cells."""
    several = plan(search_seeds=(1, 6, 7), give_up="range")
    assert list(plan_lines(several))[:2] == [
        "demo: at most 34 trials, 320 epochs",
        "  search: 8 configurations, seeds 1, 6, 7: at most 24 trials (give_up: range), up to "
        "10 epochs each",
    ]


def test_no_more_configurations_are_confirmed_than_are_searched():
    lines = list(plan_lines(plan(search_trials=1)))
    assert "  confirm: the best 1 of the search, seeds 3, 4, 5" in lines


def test_a_finite_space_says_how_many_configurations_it_holds():
    """Of more than a thousand combinations some may be equal, or not go together."""
    few = list(plan_lines(plan(configurations=9)))
    assert few[1] == "  search: 8 trials, up to 10 epochs each; the space holds 9 configurations"
    many = list(plan_lines(plan(configurations=4001)))
    assert many[1].endswith("; the space holds at most 4001 configurations")


def test_a_cell_without_data_is_shown_as_not_run():
    lines = list(plan_lines(plan(cells=(cell("baseline", {}, runnable=False),))))
    assert lines[-1] == "    baseline: the fixed values  not run: no aligned data (--data)"


def test_parts_that_a_space_lacks_are_left_out():
    lines = list(plan_lines(plan(search_trials=0, cells=())))
    assert lines == ["demo: at most 0 trials, 0 epochs"]


def test_the_command_shows_an_installed_space_from_any_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert execute(["plan", "spaces/demo.yaml", "--trials", "3"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("demo: at most ")
    assert "  search: 3 trials" in shown
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_data_and_the_encoder_are_shown_and_a_missing_file_is_seen(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.pkl").write_text("")
    for path, shown in (("there.pkl", "there.pkl"), ("gone.pkl", "gone.pkl (no such file)")):
        assert execute(["plan", "spaces/mosi.yaml", "--data", path]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[-2:] == [
            f"  data: mosi, unaligned, {shown}",
            "  text encoder: bert-base-uncased, unless the data hold text features alone",
        ]


@pytest.mark.parametrize(
    ("changes", "encoders"),
    [
        (["ablations.modules.small={model.text.name: minilm}"], "tiny, minilm"),
        (["experiment.model.modalities=[audio, vision]"], "none, no model reads text"),
        (["search.trials=0", "search.parameters.model.text.name={choice: [tiny, minilm]}"], "tiny"),
    ],
)
def test_the_text_encoders_of_all_trials_are_named(mini_file, capsys, changes, encoders):
    assert execute(["plan", str(mini_file), *(w for each in changes for w in ("--set", each))]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"  text encoder: {encoders}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "changes", "kind"),
    [
        ("aligned=a.pkl", [], "aligned data; add --set experiment.alignment=aligned"),
        ("text=t.csv", ["--set", "experiment.alignment=aligned"], "unaligned data"),
    ],
)
def test_a_file_given_that_no_trial_reads_is_named(capsys, given, changes, kind):
    assert execute(["plan", "spaces/mosi.yaml", "--data", given, *changes]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        f"  warning: --data {given} is not used: no trial reads {kind}"
    )


@pytest.mark.slow
def test_one_file_a_modality_is_shown_and_a_missing_one_is_seen(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table").mkdir()  # as Hugging Face's datasets save it
    data = ["--data", "text=table", "--data", "audio=gone.npz"]
    assert execute(["plan", "spaces/mosi.yaml", *data]) == 0
    assert "  data: mosi, unaligned, text table, audio gone.npz (no such file)" in (
        capsys.readouterr().out.splitlines()
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["text=t.csv", "unaligned=u.pkl"], "data: unaligned and text both name the unaligned"),
        (["vision=v.npz"], "data: vision needs the file text beside it, a table with id and label"),
    ],
)
def test_files_that_do_not_go_together_are_one_line(capsys, given, said):
    options = [word for each in given for word in ("--data", each)]
    assert execute(["plan", "spaces/mosi.yaml", *options]) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert shown.count("\n") == 1


def test_every_error_of_a_space_comes_at_once(tmp_path, capsys):
    path = tmp_path / "bad.yaml"
    path.write_text(
        "name: bad\ndata: {dataset: mosy}\nsearch: {trials: 0, parameters: {}}\nsed: 1\n"
    )
    assert execute(["plan", str(path)]) == 2
    shown = capsys.readouterr().err
    assert "mosy" in shown
    assert "sed" in shown


@pytest.mark.slow
def test_a_budget_is_shown_with_what_it_limits(capsys, tmp_path):
    command = ["plan", "spaces/demo.yaml", "--runs", str(tmp_path)]
    assert execute([*command, "--set", "budget={hours: 0.5, epochs: 90}"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "  budget in all: 0.5 hours, 90 epochs"


@pytest.mark.slow
def test_a_run_that_exists_says_what_is_left_as_its_dry_run_does(mini_file, tmp_path, capsys):
    """Nothing is measured and nothing is written; the budget is shown beside the line."""
    from reports.ledger.reading.record import read_record
    from search.ledger.running_trials import write_json

    command = ["plan", str(mini_file), "--runs", str(tmp_path / "runs"), "--set", "budget.trials=3"]
    assert execute(command) == 0
    assert "left to compute" not in capsys.readouterr().out
    folder = tmp_path / "runs" / "mini"
    folder.mkdir(parents=True)
    write_json(folder / "experiment.json", {"name": "mini", "versions": []})
    assert execute(command) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "left to compute: 10 trials, at most 20 epochs",
        "the budget ends the run at 3 more trials",
    ]
    assert read_record(folder) == {"name": "mini", "versions": []}
    assert [path.name for path in folder.iterdir()] == ["experiment.json"]


def test_a_folder_that_the_run_refuses_is_refused(mini_file, tmp_path, capsys):
    folder = tmp_path / "runs" / "mini"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("")
    assert execute(["plan", str(mini_file), "--runs", str(tmp_path / "runs")]) == 2
    assert "is not a run" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["plan"], ["run"], ["run", "--dry-run"]], ids=" ".join)
def test_an_encoder_that_cannot_serve_is_one_message_and_nothing_is_written(
    command, mini_file, tmp_path, capsys
):
    name = write_config(tmp_path / "encoder", "t5")
    given = ["--set", f"experiment.model.text.name={name}", "--runs", str(tmp_path / "runs")]
    assert execute([command[0], str(mini_file), *command[1:], *given]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: text encoder {name!r} is an encoder-decoder (t5): ")
    assert line.endswith("--set experiment.model.text.name=bert-base-uncased")
    assert not (tmp_path / "runs").exists()


def test_an_ablation_whose_cells_all_change_something_says_what_they_are_compared_with(
    tmp_path, capsys
):
    path = tmp_path / "space.yaml"
    cells = "no MRM: {model.recalibration: none}, l2: {objective.loss: l2}"
    note = "  note: ablation modules compares its cells with no MRM, the first"
    for added, is_noted in (
        ("", True),
        ("    more: {}\n", False),
        ("    baseline: {objective.loss: huber}\n", False),
        ("baselines: {modules: l2}\n", False),
    ):
        group = "".join(f"    {cell}\n" for cell in cells.split(", "))
        path.write_text(
            f"name: x\ndata: {{dataset: synthetic}}\nablations:\n  modules:\n{group}{added}"
        )
        assert execute(["plan", str(path)]) == 0
        assert (note in capsys.readouterr().out) == is_noted


def test_an_ablation_of_one_cell_compares_nothing_and_is_not_noted(tmp_path, capsys):
    """The command that repeats a trial makes such a space."""
    path = tmp_path / "space.yaml"
    cell = "ablations: {repeat: {trial: {objective.loss: l2}}}\nseeds: [7]\n"
    path.write_text(f"name: x\ndata: {{dataset: synthetic}}\n{cell}")
    assert execute(["plan", str(path)]) == 0
    assert "note: " not in capsys.readouterr().out


@pytest.mark.parametrize("path", mostly_slow(INSTALLED, quick=INSTALLED[:3]), ids=lambda p: p.stem)
def test_the_ablations_of_an_installed_space_have_a_baseline_that_was_chosen(path, capsys):
    data = [f"--data={alignment}=features.pkl" for alignment in ("aligned", "unaligned")]
    reads = "dataset: synthetic" not in path.read_text(encoding="utf-8")
    assert execute(["plan", str(path), *(data if reads else ())]) == 0
    assert "compares its cells with" not in capsys.readouterr().out


@pytest.mark.parametrize("count", [1, 5, 6])
def test_seeds_that_are_too_few_for_any_test_are_noted(tmp_path, capsys, count):
    path = tmp_path / "space.yaml"
    path.write_text(
        "name: x\ndata: {dataset: synthetic}\nablations:\n  modules:\n    baseline: {}\n"
        f"    no MRM: {{model.recalibration: none}}\nseeds: {list(range(count))}\n"
    )
    assert execute(["plan", str(path)]) == 0
    notes = [line for line in capsys.readouterr().out.splitlines() if "note:" in line]
    seeds = "1 seed" if count == 1 else f"{count} seeds"
    expected = (
        f"  note: with {seeds} no paired test of an ablation can give p < .05; 6 seeds are the "
        "fewest, and many cells need more: --set 'seeds=[...]'"
    )
    assert notes == ([expected] if count < 6 else [])


def test_one_row_of_a_published_table_is_planned_alone(capsys):
    words = ["plan", "spaces/baselines.yaml", "--data", "u.pkl", "--row", "table 2 unaligned/SPT"]
    assert execute(words) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("baselines: at most 5 trials")
    assert "  ablation table 2 unaligned: 1 cell, seeds 1111, 1112, 1113, 1114, 1115" in shown
    assert "search" not in shown


def test_a_row_that_the_space_lacks_is_refused_with_the_nearest(capsys):
    for command in ("plan", "run"):
        assert execute([command, "spaces/baselines.yaml", "--row", "table 2 unaligned/SPD"]) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert "no such row; expected one of table 2 unaligned/SPT, " in shown.err
