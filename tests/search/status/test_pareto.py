from reports.ledger.goals import Goal, goals_of
from reports.ledger.roles import Role
from reports.ledger.trials import Trial
from search.status.pareto import pareto_trials

TWO = {"objective": [{"metric": "valid/corr", "mode": "max"}, {"metric": "cost/parameters"}]}


def ended(key, status, corr, parameters):
    valid = {"corr": corr}
    return Trial(key=key, status=status, seed=1, valid=valid, parameters=parameters)


TRIALS = {
    "a": ended("a", "finished", 0.5, 10),
    "b": ended("b", "finished", 0.4, 10),
    "c": ended("c", "finished", 0.4, 5),
    "d": ended("d", "stopped", 0.9, None),
    "e": ended("e", "finished", 0.9, 1),
}
ROLES = {
    Role(phase="search", number=4, seed=1): "a",
    Role(phase="search", number=0, seed=1): "a",
    Role(phase="search", number=1, seed=1): "b",
    Role(phase="search", number=2, seed=1): "c",
    Role(phase="search", number=3, seed=1): "d",
    Role(phase="ablation", group="g", cell="c", seed=1): "e",
}


def test_the_set_is_of_the_searchs_finished_trials():
    """B has the size of a and less correlation; e belongs to an ablation."""
    found = pareto_trials(ROLES, TRIALS, goals=goals_of(TWO))
    assert [(trial.number, trial.key) for trial in found] == [(0, "a"), (2, "c")]
    assert found[0].values == {"valid/corr": 0.5, "cost/parameters": 10}


def test_one_objective_has_a_best_trial_and_no_set():
    assert pareto_trials(ROLES, TRIALS, goals=[Goal("valid/corr")]) == ()
