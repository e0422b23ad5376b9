import math

import optuna
import pytest
from pydantic import TypeAdapter

from search.sampling.samplers import make_sampler
from search.sampling.suggest import distributions, encode, suggest_parameters
from search.space.parameters import Parameter
from search.space.sections import SamplerConfig

PARAMETERS = TypeAdapter(dict[str, Parameter]).validate_python(
    {
        "rate": {"low": 1e-5, "high": 1e-1, "log": True},
        "kind": {"choice": ["a", "b"]},
        "depth": {"low": 1, "high": 4, "when": {"kind": ["a"]}},
    }
)


def score(values):
    return abs(math.log10(values["rate"]) + 3) + values.get("depth", 2.5)


def suggest(study, config, number):
    study.sampler = make_sampler(config, number)
    trial = study.ask()
    return trial, suggest_parameters(trial, PARAMETERS)


def run(study, config, numbers):
    suggestions = []
    for number in numbers:
        trial, values = suggest(study, config, number)
        if number % 4 == 3:
            trial.report(score(values), 1)
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            study.tell(trial, score(values))
        suggestions.append(values)
    return suggestions


def rebuilt(suggestions):
    study = optuna.create_study()
    for number, values in enumerate(suggestions):
        pruned = number % 4 == 3
        study.add_trial(
            optuna.trial.create_trial(
                state=optuna.trial.TrialState.PRUNED
                if pruned
                else optuna.trial.TrialState.COMPLETE,
                params=encode(values),
                distributions=distributions(PARAMETERS, values),
                value=None if pruned else score(values),
                intermediate_values={1: score(values)} if pruned else None,
            )
        )
    return study


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tpe", "random"])
def test_a_study_rebuilt_from_its_trials_goes_on_as_the_undisturbed_one(name):
    config = SamplerConfig(name=name, seed=3)
    undisturbed = run(optuna.create_study(), config, range(20))
    for cut in (5, 13):
        study = rebuilt(undisturbed[:cut])
        assert run(study, config, range(cut, 20)) == undisturbed[cut:]


def test_seed_and_number_both_change_the_suggestion():
    first = [suggest(optuna.create_study(), SamplerConfig(seed=s), n)[1]["rate"]
             for s in (1, 2) for n in (0, 1)]  # fmt: skip
    assert len(set(first)) == 4


def test_tpe_finds_the_better_half_more_often_than_chance():
    values = run(optuna.create_study(), SamplerConfig(name="tpe", seed=1), range(40))
    near = [abs(math.log10(v["rate"]) + 3) < 1 for v in values[20:]]
    assert sum(near) > 12  # half of the range is near, so chance gives 10 of 20


def test_running_trials_are_distinguished():
    study = optuna.create_study()
    config = SamplerConfig(seed=1)
    run(study, config, range(12))
    side_by_side = [suggest(study, config, number)[1]["rate"] for number in (12, 13, 14)]
    assert len(set(side_by_side)) == 3
