import json
import shutil

import pytest
from optuna.trial import TrialState

from search.errors import SearchError
from search.estimate.estimate import estimate_run
from search.run import run_space
from search.sampling.earlier_trials import FILE
from search.sampling.warm_start import check_source_runs
from tests.parametrise import mostly_slow

FROM = "search.from=[first]"
ASHA = (
    "search.trials=8",
    "search.scheduler={name: asha, min_epochs: 1, reduction: 2}",
    "experiment.training.max_epochs=4",
)


@pytest.fixture
def first(command, tmp_path):
    """Run a search in the folder ``first``, and write what a driver writes of it."""

    def run(*overrides, objective=None, folder="first", **options):
        done = command("confirm=", "ablations=", *overrides, folder=folder, **options)
        search = {"objective": objective} if objective else {}
        record = {"name": folder, "versions": [{"space": {"search": search}}]}
        (tmp_path / folder / "experiment.json").write_text(json.dumps(record))
        return done

    return run


def earlier(run):
    """Return the trials in the study before suggestion 0."""
    own = [role for role in run.ledger.roles if role.phase == "search"]
    trials = run.study.trials
    return trials[: len(trials) - len(own)]


def warnings(run):
    return [event.message for event in run.named("RunWarning")]


def suggested(run):
    return [event.changes for event in run.named("TrialStarted") if event.name.phase == "search"]


@pytest.mark.slow
def test_an_earlier_search_with_several_seeds_gives_the_mean_over_them(command, first, tmp_path):
    before = first("search.seeds=[7, 8, 9]", "search.give_up.rule=none")
    search = {"seeds": [7, 8, 9]}
    record = {"name": "first", "versions": [{"space": {"search": search}}]}
    (tmp_path / "first" / "experiment.json").write_text(json.dumps(record))
    run = command(FROM)
    own = [(trial.params, trial.values) for trial in before.study.trials]
    assert [(trial.params, trial.values) for trial in earlier(run)] == own
    assert len(own) == 4


@pytest.mark.slow
def test_the_study_holds_how_each_earlier_trial_ended(command, first):
    before = first(*ASHA, fails={3: "crash"})
    run = command(*ASHA, FROM)
    own = before.study.trials
    seen = [(trial.params, trial.state, trial.intermediate_values) for trial in earlier(run)]
    assert seen == [(trial.params, trial.state, trial.intermediate_values) for trial in own]
    assert {trial.state for trial in earlier(run)} == {
        TrialState.COMPLETE,
        TrialState.PRUNED,
        TrialState.FAIL,
    }
    assert len(suggested(run)) == 8  # none of the earlier trials counts as one of this run


@pytest.mark.slow
def test_a_warning_says_how_many_trials_were_taken_and_why_others_were_left_out(command, first):
    first("search.trials=6")
    run = command(FROM, "search.parameters.objective.loss={choice: [l1, huber]}")
    (line,) = [line for line in warnings(run) if line.startswith("search.from")]
    taken, left = len(earlier(run)), 6 - len(earlier(run))
    assert 0 < taken < 6
    assert line == (
        f"search.from: the sampler starts from {taken} of 6 trials of first ({taken} finished); "
        f"left out: {left} for a value outside search.parameters.objective.loss"
    )


@pytest.mark.slow
def test_a_run_on_all_streams_serves_a_search_over_the_streams(command, first):
    """An option that a later version added is not recorded while it has its default."""
    first("search.trials=2")
    streams = "{choice: [[text, audio, vision], [text]]}"
    run = command(FROM, f"search.parameters.model.modalities={streams}")
    assert len(earlier(run)) == 2
    assert all("model.modalities" in trial.params for trial in earlier(run))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("experiment.model.width=8", "another fixed model.width"),
        ("experiment.training.max_epochs=3", "another fixed training.max_epochs"),
    ],
)
def test_a_run_of_other_fixed_values_is_refused(command, first, change, why):
    first()
    with pytest.raises(SearchError, match=f"first has no trial .* \\(4 for {why}\\); expected"):
        command(FROM, change)


@pytest.mark.slow
def test_a_run_of_other_data_is_refused(command, first):
    first()
    with pytest.raises(SearchError, match="4 for other data"):
        command(FROM, data="another ")


def test_a_run_that_followed_another_objective_is_refused(command, first):
    first(objective={"metric": "valid/corr", "mode": "max"})
    with pytest.raises(SearchError, match="4 for another objective"):
        command(FROM)


def test_a_run_without_a_trial_that_has_ended_is_refused(command, first):
    first(cut_off=1)
    with pytest.raises(SearchError, match="no trial of a search has ended there"):
        command(FROM)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["first", "none"])
def test_what_the_run_refuses_the_estimate_and_the_run_refuse_at_once(first, mini, tmp_path, name):
    """The made-up learner's data are none of the space's."""
    first()
    space = mini(f"search.from=[{name}]")
    for begin in (estimate_run, run_space):
        with pytest.raises(SearchError, match=rf"^search.from: .*{name}"):
            begin(space, runs=tmp_path)
    assert not (tmp_path / "mini").exists()


@pytest.mark.slow
def test_trials_of_another_training_seed_are_taken(command, first):
    first("search.seed=8")
    assert len(earlier(command(FROM))) == 4


@pytest.mark.slow
def test_what_was_taken_stays_though_the_other_run_grows_or_goes(command, first, tmp_path):
    """Cut off, continued after the other run has four trials more, and after it was removed."""
    first()
    undisturbed = command(FROM, "search.trials=9", folder="undisturbed")
    command(FROM, "search.trials=9", cut_off=5)
    first("search.trials=8")
    command(FROM, "search.trials=9", cut_off=5)
    shutil.rmtree(tmp_path / "first")
    run = command(FROM, "search.trials=9")
    assert run.rows() == undisturbed.rows()
    assert len(earlier(run)) == 4
    assert not [line for line in warnings(run) if line.startswith("search.from")]


@pytest.mark.slow
def test_earlier_trials_change_what_is_suggested(command, first):
    """Twelve earlier trials are enough for TPE to learn from at once."""
    first("search.trials=12")
    alone = command("search.trials=6", folder="alone")
    assert suggested(command("search.trials=6", FROM)) != suggested(alone)


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["random", "qmc", "nsgaii", "tpe"])
def test_a_search_does_not_draw_what_the_earlier_one_drew(command, first, sampler):
    """Of the same sampler and seed; the fixed values, its start, are the same trial."""
    name = f"search.sampler.name={sampler}"
    first(name, "search.trials=6")
    run = command(name, FROM, "search.trials=6")
    rates = [changes.get("training.learning_rate.others") for changes in suggested(run)]
    before = {trial.params["training.learning_rate.others"] for trial in earlier(run)}
    assert len(before) == 6
    assert not before & set(rates[1:])


@pytest.mark.slow
def test_a_trial_that_two_source_runs_have_is_taken_once(command, first):
    first()
    first(folder="second")
    run = command("search.from=[first, second]")
    assert len(earlier(run)) == 4


@pytest.mark.slow
@pytest.mark.parametrize("sampler", mostly_slow(["cmaes", "nsgaii", "qmc", "gp"], quick=["qmc"]))
def test_a_search_that_begins_with_earlier_trials_repeats(command, first, sampler):
    options = (FROM, f"search.sampler={{name: {sampler}, population: 4}}", "search.trials=8")
    first("search.trials=11")
    undisturbed = command(*options, folder="undisturbed")
    for cut_off in (3, 4, 5):
        command(*options, cut_off=cut_off)
    assert command(*options).rows() == undisturbed.rows()


@pytest.mark.slow
def test_a_run_that_is_not_there_is_refused_before_anything_is_written(command, mini, tmp_path):
    run = command(folder="other")
    (tmp_path / "other/experiment.json").write_text('{"name": "other", "versions": []}')
    folder = tmp_path / "run"
    with pytest.raises(SearchError, match=r"no run 'first' in .*; expected one of: other; leave"):
        check_source_runs(mini(FROM), run.factory, folder=folder)
    assert not folder.exists()
    check_source_runs(
        mini(FROM, "search.trials=0", "confirm="), run.factory, folder=folder
    )  # asks none


@pytest.mark.slow
def test_a_damaged_file_of_earlier_trials_says_what_to_do(command, first, tmp_path):
    first()
    command(FROM)
    (tmp_path / "run" / FILE).write_text("{")
    with pytest.raises(SearchError, match=r"earlier.json cannot be read .* remove it"):
        command(FROM)
