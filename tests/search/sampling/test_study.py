import math

import pytest
from optuna.trial import TrialState

from search.sampling.observation import Observation
from search.sampling.study import SearchStudy
from search.space.sections import SearchConfig
from tests.parametrise import mostly_slow

ENDINGS = (
    Observation(state=TrialState.COMPLETE, values=(0.3,), curve=(0.5, 0.3, 0.4)),
    Observation(state=TrialState.PRUNED, values=(0.5,), curve=(0.6, math.nan, 0.5, 0.7)),
    Observation(state=TrialState.PRUNED, values=(None,)),
    Observation(state=TrialState.FAIL, values=(None,), curve=(0.9,)),
    Observation(state=TrialState.COMPLETE, values=(math.nan,), curve=(math.nan,)),
)
VALUES = {"rate": 0.2, "kind": "a", "depth": 3}


def study(name="tpe", objective=None, earlier=()):
    search = {
        "trials": 9,
        "objective": objective or {"metric": "valid/mae"},
        "sampler": {"name": name, "seed": 3, "population": 4},
        "parameters": {
            "rate": {"low": 0.1, "high": 1.0, "log": True},
            "size": {"low": 0.0, "high": 1.0},
            "kind": {"choice": ["a", "b"]},
            "depth": {"low": 1, "high": 4, "when": {"kind": ["a"]}},
        },
    }
    return SearchStudy(SearchConfig.model_validate(search), earlier)


def known(study):
    return [
        (trial.number, trial.state, trial.values, trial.params, trial.intermediate_values)
        for trial in study.study.trials
    ]


def test_what_is_added_is_what_would_have_been_entered_and_recorded():
    """All that a sampler looks at, for each way in which a trial ends."""
    slow, fast = study(), study()
    for number, observation in enumerate(ENDINGS):
        slow.tell(slow.enter(number, VALUES), observation)
        fast.add(number, VALUES, observation=observation)
    assert known(fast) == known(slow)
    states = [trial.state.name for trial in fast.study.trials]
    assert states == ["COMPLETE", "PRUNED", "PRUNED", "FAIL", "FAIL"]
    assert fast.study.trials[1].intermediate_values == {1: 0.6, 3: 0.5, 4: 0.7}


@pytest.mark.slow
def test_a_running_trial_counts_as_a_bad_one():
    """The liar: beside a trial that runs, the next suggestion is another than without it."""

    def suggested(runs):
        each = study()
        for number in range(12):
            observation = Observation(state=TrialState.COMPLETE, values=(number / 12,))
            values = {"rate": 0.1 + number / 20, "size": number / 12, "kind": "b"}
            each.add(number, values, observation=observation)
        for _ in range(6 if runs else 0):
            each.enter(12, {"rate": 0.1, "size": 0.0, "kind": "b"})
        return [each.suggest(13 + number)[1]["size"] for number in range(20)]

    alone, beside = suggested(False), suggested(True)
    assert sum(beside) / 20 > sum(alone) / 20


def test_values_that_the_search_does_not_vary_so_are_unknown_to_the_study():
    each = study()
    each.enter(0, {"rate": 7.0, "kind": "b", "depth": 3, "other": 1})
    assert each.study.trials[0].params == {"kind": "b"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tpe", "random", "gp", "qmc", "nsgaii"])
def test_several_objectives_are_said_and_suggested(name):
    objective = [{"metric": "valid/corr"}, {"metric": "cost/parameters"}]
    each = study(name, objective)
    assert [direction.name for direction in each.study.directions] == ["MAXIMIZE", "MINIMIZE"]
    for number in range(12):
        trial, _ = each.suggest(number)
        observation = Observation(
            state=TrialState.COMPLETE, values=(trial.params["rate"], number), curve=(1,)
        )
        each.tell(trial, observation)
    lacking = Observation(state=TrialState.COMPLETE, values=(0.5, None))
    stopped = Observation(state=TrialState.PRUNED, values=(0.5, None), curve=(0.5,))
    each.add(12, VALUES, observation=lacking)
    each.add(13, VALUES, observation=stopped)
    assert [trial.state.name for trial in each.study.trials[12:]] == ["FAIL", "PRUNED"]
    assert set(each.suggest(14)[1]) >= {"rate", "size", "kind"}


def test_the_evolution_takes_earlier_trials_into_its_first_generation():
    observation = Observation(state=TrialState.COMPLETE, values=(0.1,))
    earlier = [({"rate": 0.2, "size": n / 8, "kind": "b"}, observation) for n in range(4)]
    each = study("nsgaii", earlier=earlier)
    _, values = each.suggest(0)
    parents = {n / 8 for n in range(4)}
    assert values["kind"] == "b"
    assert values["size"] in parents or values["rate"] == 0.2


def test_cmaes_starts_from_earlier_trials():
    """The best tenth of twenty lies at 0.9: so do the suggestions, without one they are at 0.5."""
    earlier = [
        (
            {"rate": 0.9, "size": n / 20, "kind": "b"},
            Observation(state=TrialState.COMPLETE, values=(abs(n / 20 - 0.9),)),
        )
        for n in range(20)
    ]
    sizes = [study("cmaes", earlier=earlier).suggest(n)[1]["size"] for n in range(10)]
    assert sum(sizes) / 10 == pytest.approx(0.9, abs=0.08)


def suggested(name, trials, loss):
    """Return the loss of each of so many trials, added one after another."""
    each, found = study(name), []
    for number in range(trials):
        trial, values = each.suggest(number)
        found.append(loss(values))
        each.tell(trial, Observation(state=TrialState.COMPLETE, values=(found[-1],)))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", mostly_slow(["tpe", "gp", "cmaes", "nsgaii"], quick=["tpe", "cmaes", "nsgaii"])
)
def test_a_sampler_that_learns_ends_nearer_than_chance(name):
    """The loss is the distance of the size from 0.8: by chance 0.34 on average."""
    found = suggested(name, 40, lambda values: abs(values["size"] - 0.8))
    chance = suggested("random", 40, lambda values: abs(values["size"] - 0.8))
    assert sum(found[20:]) < 0.6 * sum(chance[20:])


def test_qmc_spreads_evenly():
    """Of 16 points of a Sobol sequence each quarter of a range holds 4."""
    each = study("qmc")
    sizes = [each.suggest(number)[1]["size"] for number in range(16)]
    assert [sum(quarter == int(size * 4) for size in sizes) for quarter in range(4)] == [4] * 4


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tpe", "random", "gp", "cmaes", "qmc", "nsgaii"])
def test_optuna_says_nothing_to_the_terminal(name, capfd):
    suggested(name, 14, lambda values: values["size"])
    assert capfd.readouterr() == ("", "")


def test_cmaes_moves_in_a_single_range():
    search = {
        "trials": 9,
        "sampler": {"name": "cmaes"},
        "parameters": {"depth": {"low": 1, "high": 9}, "kind": {"choice": ["a", "b"]}},
    }
    each = SearchStudy(SearchConfig.model_validate(search))
    depths = []
    for number in range(24):
        trial, values = each.suggest(number)
        depths.append(values["depth"])
        each.tell(trial, Observation(state=TrialState.COMPLETE, values=(abs(values["depth"] - 8),)))
    assert sum(depths[12:]) / 12 > 6  # 5 by chance
