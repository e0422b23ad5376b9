"""``sugrm-search publish``: a copy of a run that holds no data."""

import json
import shutil

import pytest

from reports.ledger.places.storage import place
from search.ledger.ledger import open_tables
from search.plan import build_plan
from search.preflight import check_before_run
from search.queue.dry_run import remaining_trials
from tests.search import runs as runs_module
from tests.search.cli.publishing.conftest import (
    COMMAND,
    SECRETS,
    add_data,
    everything,
    files,
    record,
    rows_of,
)
from tests.search.runs import Run, factory_of

DATA = ("labels", "predictions", "utterances", "checkpoints", "tensorboard", "lock", "running")


def copied(tmp_path):
    """Copy the published run into a folder of runs of its own."""
    target = tmp_path / "elsewhere" / "mini"
    shutil.copytree(tmp_path / "out" / "mini", target)
    return target


@pytest.mark.slow
def test_a_copy_holds_no_data_and_no_names_of_machines(make, publish, tmp_path):
    source = everything(make(fails={2: "crash"}))
    assert all(secret in source for secret in SECRETS)
    assert publish()[0] == 0
    found = everything(tmp_path / "out")
    assert [secret for secret in SECRETS if secret in found] == []
    assert {path.name for path in (tmp_path / "out" / "mini").iterdir()} == {
        *("experiment.json", "trials", "roles", "epochs"),
        *("space.yaml", "splits.json", "README.md", "report.md"),
    }


@pytest.mark.slow
def test_a_copy_holds_every_metric_and_the_kind_of_each_failure(make, publish, tmp_path):
    run = make(fails={2: "crash"})
    assert publish()[0] == 0
    copy = tmp_path / "out" / "mini"
    hidden = {"node", "message", "traceback", "data_left_out"}
    plain = [
        [{name: row[name] for name in row if name not in hidden} for row in rows_of(of, "trials")]
        for of in (run, copy)
    ]
    assert sorted(plain[0], key=lambda row: row["key"]) == plain[1]
    assert "crash" in {row["failure"] for row in plain[1]}
    rows = rows_of(copy, "trials")
    assert {row["node"] for row in rows} == {"node 1", "node 2"}
    assert {row["data_left_out"] for row in rows} == {True}
    for table in ("epochs", "roles"):
        assert sorted(map(str, rows_of(run, table))) == sorted(map(str, rows_of(copy, table)))
    assert (copy / "experiment.json").read_bytes() == (run / "experiment.json").read_bytes()


@pytest.mark.slow
def test_two_copies_are_equal_also_after_parts_were_merged(make, publish, tmp_path):
    run = make()
    publish(out="first")
    for table in open_tables(run).values():
        table.merge(at_least=2)
    assert len(list((run / "trials").iterdir())) == 1
    publish(out="second")
    publish(out="second")
    assert files(tmp_path / "first") == files(tmp_path / "second")
    publish(runs=tmp_path / "first", out="third")  # a copy of a copy holds what it held
    first, third = (files(tmp_path / name / "mini") for name in ("first", "third"))
    assert {name for name in first if first[name] != third[name]} == {"report.md"}


@pytest.mark.slow
def test_the_report_of_a_copy_has_the_tables_that_need_no_data(make, publish, text_of, tmp_path):
    make(fails={2: "crash"})
    publish()
    names = "confirmed,ablations,seed_tests,leaderboard"
    words = ("report", "mini", "--tables", names, "--format", "csv", "--runs")
    whole, copy = (text_of(*words, tmp_path / name) for name in ("runs", "out"))
    assert "All trials are from a published copy, which holds no data" in " ".join(copy.split())
    assert "published copy" not in whole
    tables = [
        {
            name: content
            for name, content in files(tmp_path / folder / "mini" / "report").items()
            if name not in ("summary.csv", "trials.csv")
        }
        for folder in ("runs", "out")
    ]
    assert len(tables[0]) >= 4
    assert tables[0] == tables[1]
    assert "10 of 10 done" in text_of("status", "mini", "--runs", tmp_path / "out")


@pytest.mark.slow
def test_the_commands_in_the_report_of_a_copy_name_its_folder(make, publish, text_of, tmp_path):
    make()
    publish()
    words = ("report", "mini", "--tables", "summary", "--format", "csv", "--runs")
    for folder in ("runs", "out"):
        text_of(*words, tmp_path / folder)
        summary = (tmp_path / folder / "mini" / "report" / "summary.csv").read_text()
        assert f"repeat or continue with,{COMMAND} --runs {tmp_path / folder}," in summary


@pytest.mark.slow
def test_the_report_in_a_copy_is_that_of_the_whole_run(make, publish, text_of, tmp_path):
    make()
    publish()
    text_of("report", "mini", "--no-text", "--format", "md", "--runs", tmp_path / "runs")
    whole = (tmp_path / "runs" / "mini" / "report" / "report.md").read_text()
    own = f" --runs {tmp_path / 'runs'}"
    assert (tmp_path / "out" / "mini" / "report.md").read_text() == whole.replace(own, "")
    assert str(tmp_path) not in everything(tmp_path / "out")


@pytest.mark.slow
def test_a_copy_continues_and_trains_only_what_is_missing(make, publish, mini, tmp_path):
    run = make()
    publish()
    copy = copied(tmp_path)
    assert Run(mini(), copy).go().titles() == []
    more = Run(mini("search.trials=6"), copy).go()
    assert {title for title in more.titles() if title.startswith("search")} == {
        "search 4",
        "search 5",
    }
    assert more.rows() == Run(mini("search.trials=6"), run).go().rows()
    again = Run(mini("search.trials=6"), copy).go()  # opens a run of copied and new trials
    assert again.titles() == []
    assert dict(again.ledger.roles) == dict(more.ledger.roles)


@pytest.mark.slow
def test_a_run_of_copied_and_new_trials_is_reported_published_and_strict_for_new_ones(
    make, publish, text_of, mini, tmp_path
):
    make()
    publish()
    copy = copied(tmp_path)
    more = Run(mini("search.trials=6"), copy).go()
    new = {row["key"] for row in rows_of(copy, "trials") if not row["data_left_out"]}
    assert 2 <= len(new) < len(more.ledger.trials)
    record(copy, mini("search.trials=6"), more.factory.fingerprints)
    text = text_of("report", "mini", "--format", "html", "--format", "svg", "--runs", copy.parent)
    assert (
        f"{len(more.ledger.trials) - len(new)} of {len(more.ledger.trials)} trials are from a"
        in (" ".join(text.split()))
    )
    assert publish(runs=copy.parent, out="again")[0] == 0
    assert {row["data_left_out"] for row in rows_of(tmp_path / "again" / "mini", "trials")} == {
        True
    }
    lost = sorted(new)[0]
    (copy / "predictions" / f"{lost}.parquet").unlink()
    kept = Run(mini("search.trials=6"), copy).ledger.trials
    assert more.ledger.trials.keys() - kept.keys() == {lost}


@pytest.mark.slow
def test_the_space_of_a_copy_leaves_nothing_to_run(
    mini, mini_file, tmp_path, publish, text_of, monkeypatch
):
    """The keys are those of a real run: of the real corpus, by the real factory."""
    overrides = ("search.trials=3", "confirm.seeds=[5, 6]")
    space, run = mini(*overrides), tmp_path / "runs" / "mini"
    factory = check_before_run(space, run.parent).factory
    monkeypatch.setattr(runs_module, "factory_of", lambda *_: factory)
    Run(space, run).go()
    record(run, space, factory.fingerprints, overrides=overrides)
    assert publish()[0] == 0
    copy = copied(tmp_path)
    text = text_of("run", copy / "space.yaml", "--dry-run", "--runs", copy.parent)
    assert "left to compute: nothing, every trial is done" in text
    assert "3 trials" in text


@pytest.mark.slow
def test_a_run_that_is_being_computed_is_published_as_far_as_it_is(make, publish, mini, tmp_path):
    run = make(cut_off=5)
    code, out, _ = publish()
    assert code == 0
    assert "2 trials (2 finished)" in out
    assert len(rows_of(tmp_path / "out" / "mini", "trials")) == 2
    Run(mini(), run).go()
    add_data(run)
    assert publish()[0] == 0
    assert len(rows_of(tmp_path / "out" / "mini", "trials")) == 10
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mini"]


@pytest.mark.slow
def test_a_row_without_its_predictions_is_not_published(make, publish, tmp_path):
    run = make()
    lost = sorted((run / "predictions").iterdir())[0]
    lost.unlink()
    publish()
    keys = {row["key"] for row in rows_of(tmp_path / "out" / "mini", "trials")}
    assert {path.stem for path in (run / "trials").iterdir()} - keys == {lost.stem}


@pytest.mark.slow
def test_a_run_in_an_object_store_is_published(make, publish, s3, tmp_path):
    make()
    make(folder=place(s3) / "mini")
    publish(out="local")
    code, _, err = publish(runs=s3)
    assert (code, err) == (0, "")
    local, stored = (files(tmp_path / name / "mini") for name in ("local", "out"))
    assert local.keys() == stored.keys()
    assert local["space.yaml"] == stored["space.yaml"]
    assert len(rows_of(tmp_path / "out" / "mini", "trials")) == 10


@pytest.mark.slow
def test_the_readme_says_where_the_numbers_come_from(make, publish, tmp_path):
    make(fails={2: "crash"})
    publish()
    text = (tmp_path / "out" / "mini" / "README.md").read_text()
    for part in (
        f"`{COMMAND}`",
        "| trials that ended | 10: 9 finished, 0 stopped early, 1 failed |",
        "| planned by the newest space | at most 10 |",
        "| data fingerprint | unaligned |",
        "sugrm-search report mini --runs .",
        "sugrm-search run copies/mini/space.yaml --runs copies",
    ):
        assert part in text
    assert "{" not in text


@pytest.mark.slow
def test_paths_of_this_machine_are_named_in_one_line(make, publish, mini, tmp_path):
    run = make()
    options, data = ("seeds=[1, 2]",), {"unaligned": "unaligned"}
    record(run, mini(), data, overrides=options, command=f"{COMMAND} --runs /home/me/runs")
    code, _, err = publish()
    assert code == 0
    assert err == (
        "warning: the commands or the space of mini name folders of this machine, which the copy "
        "keeps: /home/me/runs\n"
    )


@pytest.mark.slow
def test_several_runs_are_checked_before_the_first_is_written(make, publish, tmp_path):
    make()
    code, _, err = publish("mini", "none")
    assert code == 2
    assert err.startswith("error: no run 'none' in ")
    assert "expected one of: mini" in err
    assert not (tmp_path / "out").exists()


def test_a_run_without_an_ended_trial_is_refused(make, publish, tmp_path):
    run = make(cut_off=1)
    shutil.rmtree(run / "trials", ignore_errors=True)
    code, _, err = publish()
    assert code == 2
    assert "has no trial that ended; expected at least one; start or continue it with" in err
    assert not (tmp_path / "out").exists()


def test_an_address_is_no_place_for_copies(publish, capsys):
    from search.cli.main import execute

    assert execute(["publish", "mini", "--out", "s3://bucket/x"]) == 2
    assert "expected a folder of this machine" in capsys.readouterr().err


@pytest.mark.slow
def test_a_damaged_part_is_named_and_left_out(make, publish, tmp_path):
    run = make()
    part = sorted((run / "trials").iterdir())[0]
    part.write_bytes(b"cut short")
    code, _, err = publish()
    assert code == 0
    assert f"left out the damaged part trials/{part.name}" in err
    assert len(rows_of(tmp_path / "out" / "mini", "trials")) == 9


@pytest.mark.slow
def test_files_of_plugins_lie_beside_the_space(make, publish, mini, tmp_path):
    run = make()
    content = json.loads((run / "experiment.json").read_text())
    content["versions"][-1]["plugins"] = {
        "late": {"digest": "d", "files": {"late.py": "X = 1\n", "../out.py": "", "/a.py": ""}}
    }
    content["versions"][-1]["space"]["plugins"] = ["examples/late.py"]
    (run / "experiment.json").write_text(json.dumps(content))
    assert publish()[0] == 0
    copy = tmp_path / "out" / "mini"
    assert (copy / "late.py").read_text() == "X = 1\n"
    assert "plugins:\n- late\n" in (copy / "space.yaml").read_text()
    assert not (tmp_path / "out" / "out.py").exists()
    assert publish()[0] == 0  # the copy with its own files is replaced


@pytest.mark.slow
def test_a_neighbour_takes_no_trial_over_from_a_copy(make, publish, mini, tmp_path):
    """It needs the predictions, which the copy does not have; from the whole run it takes all."""
    make("search=", "confirm=")
    publish()
    copy = copied(tmp_path)
    for runs, left in ((copy.parent, 4), (tmp_path / "runs", 0)):
        folder, space = runs / "other", mini("search=", "confirm=", "name=other")
        factory = factory_of(space, folder)
        found = remaining_trials(space, build_plan(space), factory=factory, folder=folder)
        assert found.count == left


@pytest.mark.slow
@pytest.mark.parametrize("name", DATA)
def test_a_run_is_never_replaced(make, publish, tmp_path, name):
    make()
    publish()
    (tmp_path / "out" / "mini" / name).mkdir()
    before = files(tmp_path / "out")
    code, _, err = publish()
    assert code == 2
    said = f"holds what no published copy holds: {name} (move it elsewhere); expected nothing there"
    assert said in err
    assert files(tmp_path / "out") == before
