"""Parameters in Optuna's form.

Optuna's categories are scalars, so a choice that is a list or a section becomes its JSON text.
Every other value is the same.
"""

import json

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import Trial

from search.option_values import Changes, OptionValue
from search.space.conditions import Parameters, in_order, is_active
from search.space.parameters import ChoiceParameter, FloatParameter, IntParameter, Parameter

Category = None | bool | int | float | str


def suggest_parameters(trial: Trial, parameters: Parameters) -> dict[str, OptionValue]:
    """Return a suggested value for each parameter that is active in ``trial``."""
    values: dict[str, OptionValue] = {}
    for name in in_order(parameters):
        parameter = parameters[name]
        if is_active(parameter, values):
            values[name] = _suggest(trial, name, parameter=parameter)
    return values


def distributions(parameters: Parameters, values: Changes) -> dict[str, BaseDistribution]:
    """Return the distributions of the parameters that are active under ``values``."""
    return {
        name: _distribution(parameters[name])
        for name in in_order(parameters)
        if is_active(parameters[name], values)
    }


def unconditional(parameters: Parameters) -> dict[str, BaseDistribution]:
    """Return the distributions of the parameters that every trial has."""
    return {
        name: _distribution(parameter)
        for name, parameter in parameters.items()
        if not parameter.when
    }


def encode(values: Changes) -> dict[str, Category]:
    """Return the values of a trial as Optuna's ``create_trial(params=...)`` takes them."""
    return {name: _category(value) for name, value in values.items()}


def _suggest(trial: Trial, name: str, *, parameter: Parameter) -> OptionValue:
    match parameter:
        case FloatParameter(low=low, high=high, log=log, step=step):
            return trial.suggest_float(name, low, high, log=log, step=step)
        case IntParameter(low=low, high=high, log=log, step=step):
            return trial.suggest_int(name, low, high, log=log, step=step or 1)
        case ChoiceParameter(choice=choice):
            categories = [_category(value) for value in choice]
            place = categories.index(trial.suggest_categorical(name, categories))
            chosen: OptionValue = choice[place]
            return chosen


def _distribution(parameter: Parameter) -> BaseDistribution:
    match parameter:
        case FloatParameter(low=low, high=high, log=log, step=step):
            return FloatDistribution(low, high, log=log, step=step)
        case IntParameter(low=low, high=high, log=log, step=step):
            return IntDistribution(low, high, log=log, step=step or 1)
        case ChoiceParameter(choice=choice):
            return CategoricalDistribution([_category(value) for value in choice])


def _category(value: OptionValue) -> Category:
    return value if isinstance(value, Category) else json.dumps(value)
