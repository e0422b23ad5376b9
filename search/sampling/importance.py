"""The importance of each searched parameter, written beside the ledger at the end of a command.

Method: PED-ANOVA (Watanabe et al., IJCAI 2023; conditional parameters as in Optuna's
condPED-ANOVA), which compares the distribution of a parameter over the best tenth of the trials
with that over all of them. It uses each finished trial of the search once, by the first objective
on validation; with several seeds each configuration that has finished all of them, by their mean.
Nothing in it is random. Fewer than 20 trials are too few to judge.
"""

from typing import TYPE_CHECKING

import optuna
from optuna.study import Study
from optuna.trial import create_trial

from reports.ledger import schema
from reports.ledger.reading.searched import searched_configurations
from search.ledger.running_trials import write_json
from search.sampling.samplers import quiet
from search.sampling.study import known_values
from search.space.start import starting_values

if TYPE_CHECKING:
    from search.ledger import Ledger
    from search.space import Space

METHOD = "PED-ANOVA"
_SCHEMA_VERSION = 1


def record_importance(space: "Space", ledger: "Ledger") -> str | None:
    """Write ``importance.json`` into the run's folder, or remove one that is out of date.

    Returns:
        Why it failed, None if it succeeded. An error here never fails the run.
    """
    file = ledger.folder / schema.IMPORTANCE_FILE
    try:
        found = _importance(space, ledger)
        if found is None:
            file.unlink(missing_ok=True)
        else:
            write_json(file, found)
    except Exception as error:
        return (
            f"the importance of the parameters is not written ({type(error).__name__}: {error}); "
            "the results are complete without it, and the next command tries again"
        )
    return None


def _importance(space: "Space", ledger: "Ledger") -> dict[str, object] | None:
    """Return the content of the file, None if too few trials have finished."""
    if space.search is None:
        return None
    study = _study(space, ledger)
    parameters = _parameters(study, list(space.search.parameters))
    if parameters is None:
        return None
    return {
        "schema_version": _SCHEMA_VERSION,
        "method": METHOD,
        "optuna": optuna.__version__,
        "objective": space.search.primary.metric,
        "mode": space.search.primary.mode,
        "trials": len(study.trials),
        "parameters": parameters,
    }


def _parameters(study: Study, names: list[str]) -> dict[str, dict[str, float | None]] | None:
    """Return each parameter's importance and its number of trials, None if these are too few."""
    seen = {
        name: [trial.params[name] for trial in study.trials if name in trial.params]
        for name in names
    }
    varied = [name for name, values in seen.items() if len(set(values)) > 1]
    if len(study.trials) < schema.IMPORTANCE_TRIALS or not varied:
        return None
    shares = _shares(study, varied)
    return {
        name: {"importance": shares.get(name), "trials": len(values)}
        for name, values in seen.items()
    }


def _study(space: "Space", ledger: "Ledger") -> Study:
    """Return a study of the first objective, with each finished trial of the search once."""
    search = space.search
    assert search is not None
    goal = search.goals[0]
    others = search.training_seeds[1:]
    trials = []
    for each in searched_configurations(ledger.roles, ledger.trials, other_seeds=others):
        value = goal.value(each.mean) if each.is_complete(others) else None
        if value is not None and each.role is not None:
            values = starting_values(
                search.parameters, each.role.changes, experiment_of=space.experiment_of
            )
            ranges, params = known_values(search.parameters, values)
            trials.append(create_trial(value=value, params=params, distributions=ranges))
    study = optuna.create_study(direction="minimize" if goal.mode == "min" else "maximize")
    study.add_trials(trials)
    return study


def _shares(study: Study, names: list[str]) -> dict[str, float]:
    """Return each parameter's share of the total importance; empty if the total is 0.

    Optuna would then return equal shares, as if all parameters mattered.
    """
    # Imports scikit-learn where it is installed, which takes a second.
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    with quiet():
        found = get_param_importances(
            study, evaluator=PedAnovaImportanceEvaluator(), params=names, normalize=False
        )
    total = sum(found.values())
    return {name: value / total for name, value in found.items()} if total > 0 else {}
