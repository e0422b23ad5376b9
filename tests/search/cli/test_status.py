from pathlib import Path

from search.cli.main import execute
from search.pareto import ParetoTrial
from search.status import BestTrial, RunStatus


def status(**changes):
    values = {
        "name": "demo",
        "folder": Path("runs/demo"),
        "active": True,
        "total": 14,
        "counts": {"search": {"finished": 3, "stopped": 1}},
        "under_way": ("search 4",),
        "best": BestTrial(metric="valid/mae", value=0.51239, number=2, key="abc"),
    }
    return RunStatus(**(values | changes))


def shown(monkeypatch, capsys, run):
    monkeypatch.setattr("search.status.run_status", lambda runs, name: run)
    assert execute(["status", "demo"]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_run_at_work_shows_its_counts_its_best_and_what_runs(monkeypatch, capsys):
    assert shown(monkeypatch, capsys, status()) == [
        "demo: 4 of 14 done, at work, runs/demo",
        "  search: 3 finished, 1 stopped",
        "  best valid/mae 0.5124 (search 2, abc)",
        "  running: search 4",
    ]


def test_a_run_that_was_cut_off_says_that_the_next_run_goes_on(monkeypatch, capsys):
    lines = shown(monkeypatch, capsys, status(active=False))
    assert "not at work" in lines[0]
    assert lines[-1] == "  cut off, continued by the next run: search 4"


def test_a_search_with_several_objectives_shows_its_pareto_set(monkeypatch, capsys):
    values = {"valid/mae": 0.51239, "cost/parameters": 22_700_000}
    front = (ParetoTrial(number=2, key="abc", values=values),)
    assert "  pareto: valid/mae 0.51239, cost/parameters 22700000 (search 2, abc)" in shown(
        monkeypatch, capsys, status(pareto=front)
    )


def test_an_unknown_run_is_one_message_and_exit_code_2(tmp_path, capsys):
    assert execute(["status", "none", "--runs", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("error: no run 'none'")


def test_a_damaged_run_hides_no_other(tmp_path, capsys):
    for name, text in (("a-damaged", "{"), ("begun", '{"versions": []}')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "experiment.json").write_text(text)
    assert execute(["status", "--runs", str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert told.out.startswith("begun: 0 of 0 done")
    assert "a-damaged" in told.err
