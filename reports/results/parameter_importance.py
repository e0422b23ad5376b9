"""The importance of each searched parameter, as ``search`` wrote it beside the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.ledger.json_file import read_json
from reports.ledger.reading.load import Results
from reports.ledger.schema import IMPORTANCE_FILE, IMPORTANCE_TRIALS
from reports.ledger.shape import Each, Shape, mismatch, needed_values

_SHAPE: Shape = {
    "method": str,
    "optuna": str,
    "objective": str,
    "mode": str,
    "trials": int,
    "parameters": Each({"importance": float, "trials": int}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterImportance:
    """One searched parameter.

    Attributes:
        name: its dotted option.
        share: its share of the importance of all parameters, 0 to 1; None if it cannot be judged:
            all trials have the same value, or no parameter distinguishes the best trials.
        trials: number of finished trials that have it; fewer than all if it has a condition.
    """

    name: str
    share: float | None
    trials: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """The importance of the searched parameters, over the finished trials of the search.

    It compares the best tenth of them with all, so it is rough below about 50 trials.

    Attributes:
        method: name of the method: ``PED-ANOVA``.
        optuna: version of Optuna that computed it.
        objective: validation metric that it explains, such as ``valid/mae``.
        mode: direction of the objective, ``min`` or ``max``.
        trials: number of finished trials that it uses.
        parameters: all searched parameters, in the order of the space.
    """

    method: str
    optuna: str
    objective: str
    mode: str
    trials: int
    parameters: tuple[ParameterImportance, ...]


def read_importance(results: Results) -> Importance | None:
    """Return the importance that the run recorded; None where there is none, or a damaged file.

    A run records it at the end of a command, once 20 trials of its search have finished. Older
    versions recorded it from 4 on, which is left out here.
    """
    path = results.folder / IMPORTANCE_FILE
    if not path.exists():
        return None
    try:
        content = read_json(path)
        wrong = mismatch(content, _SHAPE)
        if wrong:
            raise ValueError(wrong)
        values = needed_values(content, list(_SHAPE))
        parameters = tuple(_parameter(*item) for item in values.pop("parameters").items())
        found = Importance(**values, parameters=parameters)
        return found if found.trials >= IMPORTANCE_TRIALS else None
    except ValueError as error:
        results.warn(
            f"left out the damaged {IMPORTANCE_FILE} ({error}); the next command of the run writes "
            "a new one"
        )
        return None


def _parameter(name: str, content: Mapping[str, Any] | None) -> ParameterImportance:
    values = needed_values(content or {}, ["trials"])
    share = (content or {}).get("importance")
    if share is not None and not 0 <= share <= 1:
        raise ValueError(f"{name} has the share {share}; expected 0 to 1")
    return ParameterImportance(
        name=name, share=None if share is None else float(share), trials=values["trials"]
    )
