import json
import shlex
from dataclasses import replace
from datetime import timedelta

import pytest

from reports.errors import NotRepeatableError
from reports.ledger.reading.load import load_results
from reports.results.repeat import Repeater
from tests.reports.ledger_builder import SPACE, START, LedgerBuilder

FAST = {"training.batch_size": 16, "model.encoder.name": 'it\'s "lstm" | é'}


@pytest.fixture
def builder(tmp_path):
    return LedgerBuilder(tmp_path)


def words(results, place=0):
    return shlex.split(Repeater(results).command(results.roles[place]))


def sets(results, place=0):
    found = words(results, place)
    return [found[at + 1] for at, word in enumerate(found) if word == "--set"]


def with_command(results, command):
    version = replace(results.experiment.newest, command=command)
    return replace(results, experiment=replace(results.experiment, versions=(version,)))


def versions(folder, *changes):
    """Write so many versions of the space, an hour apart, each with its changes."""
    path = folder / "experiment.json"
    record = json.loads(path.read_text())
    newest = record["versions"][0]
    record["versions"] = [
        {**newest, **one, "started_at": (START + timedelta(hours=hour)).isoformat()}
        for hour, one in enumerate(changes)
    ]
    path.write_text(json.dumps(record))
    return load_results(folder)


EMPTIED = ["search=null", "confirm=null", "baselines=null"]
"""Whatever the space held when it ran: its file may have gained any of them since."""


def fixed(**values):
    return {"space": {**SPACE, "experiment": values}}


def test_a_trial_becomes_the_one_cell_of_an_ablation_at_its_seed(builder):
    builder.searched(0, changes=FAST)
    results = load_results(builder.write())
    *start, cell, seeds = sets(results)
    assert words(results)[:3] == ["sugrm-search", "run", "spaces/demo.yaml"]
    assert start == [*EMPTIED, "name=repeat-s0"]
    name, _, value = cell.partition("=")
    assert (name, json.loads(value)) == ("ablations", {"repeat": {"trial": FAST}})
    assert seeds == "seeds=[1110]"


def test_data_and_fixed_values_stay_and_what_the_cell_replaces_goes(builder):
    builder.cell("baseline", 2, 0.9)
    typed = (
        "sugrm-search --debug run my/space.yaml --data aligned=a.pkl --runs /big "
        "--set search.trials=8 --set 'experiment.model.width=[1, 2]' --trials 16 --quiet "
        "--data=b.pkl --set seeds=[1,2] --concurrency=2 --set baselines.modules=LSTM "
        "--launcher sequential --track mlflow"
    )
    results = with_command(load_results(builder.write({**SPACE, "search": None})), typed)
    assert words(results)[1:11] == [
        *("run", "my/space.yaml", "--data", "aligned=a.pkl"),
        *("--set", "experiment.model.width=[1, 2]", "--data", "b.pkl", "--runs", "repeated"),
    ]
    assert sets(results)[1:4] == EMPTIED
    assert "/big" not in words(results)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("", "no command of `sugrm-search run` is recorded"),
        ("python study.py run demo.yaml", "no command of `sugrm-search run` is recorded"),
        ("sugrm-search run 'demo.yaml", "no command of `sugrm-search run` is recorded"),
        ("sugrm-search run --quiet", "the recorded command names no space file"),
        ("sugrm-search run a.yaml --new 3", "the recorded command has an unknown option --new"),
    ],
)
def test_without_a_command_of_run_there_is_none_to_repeat_and_the_error_says_why(
    builder, command, why
):
    builder.searched(0)
    results = with_command(load_results(builder.write()), command)
    with pytest.raises(NotRepeatableError) as error:
        Repeater(results).command(results.roles[0])
    assert str(error.value) == why


def test_a_trial_of_earlier_fixed_values_has_no_command(builder):
    """Its first trial ended before the second version began, the second one after."""
    builder.searched(0, ended_at=START + timedelta(minutes=30))
    builder.searched(1, ended_at=START + timedelta(minutes=90))
    results = versions(builder.write(), fixed(width=1), fixed(width=2))
    with pytest.raises(NotRepeatableError, match="fixed values of an earlier version"):
        Repeater(results).command(results.roles[0])
    assert "repeat-s1" in Repeater(results).command(results.roles[1])


def test_a_version_that_changes_no_fixed_value_keeps_the_commands_of_earlier_trials(builder):
    builder.searched(0, ended_at=START + timedelta(minutes=30))
    folder, more = builder.write(), {"space": {**fixed(width=1)["space"], "seeds": [4]}}
    for later in ((more,), (fixed(width=2), more)):
        results = versions(folder, fixed(width=1), *later)
        assert "repeat-s0" in Repeater(results).command(results.roles[0])


def test_a_trial_taken_over_after_fixed_values_changed_has_no_command(builder):
    builder.searched(0, ended_at=START - timedelta(days=1), adopted_from="other")
    folder = builder.write()
    results = versions(folder, fixed(width=1), fixed(width=2))
    with pytest.raises(NotRepeatableError, match="taken over from another run"):
        Repeater(results).command(results.roles[0])
    results = versions(folder, fixed(width=1), fixed(width=1))
    assert "repeat-s0" in Repeater(results).command(results.roles[0])


def test_a_trial_of_other_data_or_older_numerics_has_no_command(builder):
    builder.searched(0, data_fingerprint="old", numerics=2)
    builder.searched(1, numerics=1)
    results = versions(builder.write(), {"data": {"unaligned": "d0d0"}})
    with pytest.raises(NotRepeatableError, match="other data than the newest"):
        Repeater(results).command(results.roles[0])
    with pytest.raises(NotRepeatableError, match="an earlier version of the code"):
        Repeater(results).command(results.roles[1])


def test_a_model_to_start_from_is_named_by_its_path_where_it_is_a_run_beside(tmp_path):
    """The repetition lies in another folder of runs."""
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "experiment.json").write_text("{}")
    builder = LedgerBuilder(tmp_path / "own")
    builder.searched(0, changes={"start_from": {"model": "first/12", "parts": ["text"]}})
    space = {**SPACE, "experiment": {"start_from": "first"}}
    results = load_results(builder.write(space))
    *_, fixed_source, _, cell, _ = sets(results)
    assert fixed_source == f'experiment.start_from="{tmp_path}/first"'
    changes = json.loads(cell.partition("=")[2])["repeat"]["trial"]
    assert changes == {"start_from": {"model": f"{tmp_path}/first/12", "parts": ["text"]}}
    results = load_results(builder.write({**SPACE, "experiment": {"start_from": "model/folder"}}))
    assert not any(each.startswith("experiment.start_from") for each in sets(results))
