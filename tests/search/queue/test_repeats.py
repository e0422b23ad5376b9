"""A search at one trial at a time is the same on every run and after every resume."""

import pytest

from search.queue import search_queue
from search.sampling.study import SearchStudy
from search.trials.factory import TrialFactory
from sugrm import SugrmError
from tests.parametrise import mostly_slow

SAMPLERS = ("tpe", "random", "gp", "cmaes", "qmc", "nsgaii")
SCHEDULERS = ("none", "asha", "hyperband", "median")
PARAMETERS = (
    "search.parameters={"
    "training.learning_rate.others: {low: 1.0e-4, high: 1.0e-2, log: true}, "
    "model.output_dropout: {low: 0.0, high: 0.5}, "
    "objective.loss: {choice: [l1, l2]}, "
    "model.encoder.name: {choice: [lstm, spt]}, "
    "model.encoder.heads: {choice: [1, 2, 4], when: {model.encoder.name: [spt]}}, "
    "model.encoder.attention_dropout: {low: 0.0, high: 0.5, when: {model.encoder.name: [spt]}}}"
)
ONLY_SEARCH = ("ablations=", "confirm=", "experiment.training.max_epochs=4")


def overrides(sampler, scheduler, *more, trials=14):
    return (
        f"search.trials={trials}",
        PARAMETERS,
        *ONLY_SEARCH,
        f"search.sampler={{name: {sampler}, seed: 3, population: 4}}",
        f"search.scheduler={{name: {scheduler}, min_epochs: 1, reduction: 2, min_trials: 2}}",
        *more,
    )


def history(run):
    """Return what the study knows of each trial, and what the ledger says of it."""
    study = run.study
    trials = [
        (trial.params, trial.state, trial.values, trial.intermediate_values)
        for trial in study.trials
    ]
    return trials, run.rows()


def cut_again_and_again(command, space, folder, epochs):
    """Kill the driver each time that it has received so many epochs, and start it again."""
    for _ in range(200):
        run = command(*space, folder=folder, cut_off=epochs)
        if run.epochs < epochs:
            return run
    raise AssertionError("never done")


def check(command, sampler, scheduler, *more):
    space = overrides(sampler, scheduler, *more)
    undisturbed = command(*space, folder="undisturbed")
    assert len([row for row in undisturbed.rows() if row.startswith("search")]) >= 14
    assert history(command(*space, folder="undisturbed")) == history(undisturbed)
    cut = cut_again_and_again(command, space, "cut", 5)
    assert history(cut) == history(undisturbed)
    command(*overrides(sampler, scheduler, *more, trials=7), folder="raised")
    assert history(command(*space, folder="raised")) == history(undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sampler", "scheduler"),
    mostly_slow(
        [("random", "hyperband"), ("tpe", "median"), ("cmaes", "asha"), ("nsgaii", "none")],
        quick=[("random", "hyperband"), ("tpe", "median")],
    ),
)
def test_a_search_cut_off_within_a_trial_ends_as_an_undisturbed_one(command, sampler, scheduler):
    space = overrides(sampler, scheduler, trials=8)
    undisturbed = command(*space, folder="undisturbed")
    command(*space, folder="cut", cut_off=22)
    assert history(command(*space, folder="cut")) == history(undisturbed)


FEW = (
    "search.parameters={"
    "objective.loss: {choice: [l1, l2, huber]}, model.output_dropout: {choice: [0.0, 0.3]}}",
    "search.sampler.name=random",
    "search.trials=9",
    *ONLY_SEARCH,
)
"""Six combinations for nine trials."""


class Killed(BaseException):
    """The driver is gone, whatever it would have caught."""


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 3, 5])
def test_a_search_cut_off_among_repeats_ends_as_an_undisturbed_one(command, monkeypatch, after):
    """Suggestions that repeat a trial are in no ledger: the driver is killed after some of them."""
    undisturbed = command(*FEW, folder="undisturbed")
    assert len(undisturbed.ledger.trials) == 6
    suggest, left = SearchStudy.suggest, [after]

    def killed(study, number):
        if not left[0]:
            raise Killed
        left[0] -= 1
        return suggest(study, number)

    with monkeypatch.context() as patched:
        patched.setattr(SearchStudy, "suggest", killed)
        with pytest.raises(Killed):
            command(*FEW, folder="cut")
    assert history(command(*FEW, folder="cut")) == history(undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize("most", [1, 2, 50])
def test_a_configuration_drawn_after_many_repeats_comes_again_after_a_kill(
    command, monkeypatch, most
):
    monkeypatch.setattr(search_queue, "MOST_REPEATS", most)
    undisturbed = command(*FEW, folder="undisturbed")
    assert len(undisturbed.ledger.trials) == 6
    assert history(cut_again_and_again(command, FEW, "cut", 5)) == history(undisturbed)


@pytest.mark.slow
def test_a_large_space_is_drawn_from_where_the_sampler_repeats_itself(command, monkeypatch):
    """1200 combinations are not listed; this sampler suggests the first trial for ever."""
    monkeypatch.setattr(SearchStudy, "suggest", lambda study, number: (study.enter(number, {}), {}))
    run = command(
        "search.parameters={training.batch_size: {low: 1, high: 1200}}",
        "search.trials=4",
        *ONLY_SEARCH,
    )
    assert len(run.ledger.trials) == 4


@pytest.mark.slow
def test_a_search_with_many_refused_suggestions_goes_on_where_it_was_cut_off(command, monkeypatch):
    """Suggestions that cannot run are in no ledger: they are met, and counted, again."""
    trial = TrialFactory.trial
    monkeypatch.setattr(search_queue, "MOST_REPEATS", 6)

    def refuse(factory, changes, seed):
        if changes.get("objective.loss") == "l2":
            raise SugrmError("no l2")
        return trial(factory, changes, seed)

    monkeypatch.setattr(TrialFactory, "trial", refuse)
    space = overrides("random", "none", trials=14)
    undisturbed = command(*space, folder="undisturbed")
    assert len(undisturbed.ledger.trials) == 14
    assert history(cut_again_and_again(command, space, "cut", 9)) == history(undisturbed)


@pytest.mark.slow
def test_a_starting_point_that_stands_twice_is_one_before_and_after_a_kill(command):
    space = overrides("random", "none", "search.start=[{}, {objective.loss: l1}]", trials=4)
    undisturbed = command(*space, folder="undisturbed")
    command(*space, folder="cut", cut_off=1)
    assert history(command(*space, folder="cut")) == history(undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_search_cut_off_at_every_trial_ends_as_an_undisturbed_one(command, sampler, scheduler):
    """A trial has at most 4 epochs: each command ends one and is killed within a later one."""
    check(command, sampler, scheduler)


TWO = "search.objective=[{metric: valid/mae}, {metric: cost/parameters}]"


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["tpe", "random", "gp", "qmc", "nsgaii"])
def test_a_search_with_several_objectives_repeats(command, sampler):
    check(command, sampler, "none", TWO)
