"""Trials of runs beside this one that the sampler hears of before it suggests.

Taken are those that this search could have suggested itself: with the values that such a
trial has, this space makes a trial of the very same key (under that trial's training seed). What
was taken is written down once, so that the search repeats although the other run may grow or go.
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from reports.ledger.json_file import read_json
from reports.ledger.places.storage import Place
from reports.ledger.roles import first_roles
from reports.ledger.schema import STATUSES
from reports.ledger.shape import Each, Rule, Shape, mismatch, needed_values
from search.errors import SearchError
from search.ledger.experiment_file import check_name, read_experiment
from search.ledger.ledger import open_tables, read_roles, read_trials
from search.ledger.rows import Row
from search.ledger.running_trials import write_json
from search.option_values import Changes
from search.sampling.compatibility import agreed_values
from search.sampling.observation import STATES, Observation
from sugrm import NUMERICS

if TYPE_CHECKING:
    from search.space import Space
    from search.trials.factory import TrialFactory


def _holds_numbers(value: object) -> bool:
    return isinstance(value, list) and all(
        one is None or mismatch(one, float) is None for one in value
    )


FILE = "earlier.json"
_NUMBERS = Rule(_holds_numbers, "a list of numbers and nulls")
_FORM: Shape = {
    "stories": [
        {
            "run": str,
            "question": str,
            "left": Each(int),
            "trials": [
                {
                    "number": int,
                    "key": str,
                    "status": Rule(lambda value: value in STATUSES, "the end of a trial"),
                    "values": {},
                    "objectives": _NUMBERS,
                    "curve": _NUMBERS,
                }
            ],
        }
    ]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """One trial of another run, as the study hears of it.

    Attributes:
        number: of its suggestion there.
        key: of the trial.
        status: how it ended.
        values: of this search's parameters.
        objectives: the value of each objective, None where there is none.
        curve: the primary objective by epoch, None where it had no value.
    """

    number: int
    key: str
    status: str
    values: Changes
    objectives: Sequence[float | None]
    curve: Sequence[float | None]

    @property
    def observation(self) -> Observation:
        """Return how it ended, in the words of the study."""
        curve = [math.nan if value is None else value for value in self.curve]
        return Observation(state=STATES[self.status], values=self.objectives, curve=curve)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What was taken from one run, for one ``question``: what this search asks of a trial."""

    run: str
    question: str
    trials: tuple[Earlier, ...]
    left: Mapping[str, int]

    def __str__(self) -> str:
        """Return what the user should know."""
        kinds = Counter(trial.status for trial in self.trials)
        ends = ", ".join(f"{kinds[kind]} {kind}" for kind in STATUSES if kinds[kind])
        text = (
            f"search.from: of {self.run} the sampler hears of {len(self.trials)} of "
            f"{len(self.trials) + sum(self.left.values())} trials"
        ) + (f" ({ends})" if ends else "")
        return f"{text}; left out: {_reasons(self.left)}" if self.left else text


def check_sources(space: "Space", factory: "TrialFactory", folder: Place) -> None:
    """Refuse runs of ``search.from`` that tell this search nothing, before anything is written.

    Raises:
        SearchError: nothing was taken from a run before, and there is no such run or no trial of
            it is one that this search could have suggested.
    """
    if space.search is not None and space.search.trials:
        _read_new(space, factory, folder)


def earlier_trials(
    space: "Space", factory: "TrialFactory", folder: Place, *, records: bool = True
) -> tuple[list[Earlier], list[str]]:
    """Return the trials that the search of the run ``folder`` begins with.

    Args:
        space: what is run.
        factory: of the space.
        folder: of the run.
        records: write down in the folder what is taken for the first time.

    Returns:
        The trials, and a line about each run that was read now.
    """
    if space.search is None or not space.search.sources:
        return [], []
    told, read = _read_new(space, factory, folder)
    if read and records:
        _freeze(folder, [*_frozen(folder), *read])
    told |= {story.run: story for story in read}
    trials = {
        trial.key: trial for name in reversed(space.search.sources) for trial in told[name].trials
    }
    ordered = [trial for name in space.search.sources for trial in told[name].trials]
    return [trial for trial in ordered if trials[trial.key] is trial], [str(one) for one in read]


def _read_new(
    space: "Space", factory: "TrialFactory", folder: Place
) -> tuple[dict[str, Story], list[Story]]:
    """Return what was taken before, by run, and what is to be taken from the other runs."""
    if space.search is None or not space.search.sources:
        return {}, []
    question = _question(space, factory)
    told = {story.run: story for story in _frozen(folder) if story.question == question}
    return told, [
        _read(space, factory, folder.parent / name, question)
        for name in space.search.sources
        if name not in told
    ]


def _question(space: "Space", factory: "TrialFactory") -> str:
    """Return a hash of what decides which trials are taken, and what is told of them."""
    assert space.search is not None
    plain = space.to_dict()
    content = {
        "experiment": plain["experiment"],
        "parameters": plain["search"]["parameters"],
        "objectives": [[goal.metric, goal.mode] for goal in space.search.goals],
        "data": dict(factory.fingerprints),
        "encoder": factory.resolve({}, 0).encoder_fingerprint,
        "numerics": NUMERICS,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _read(space: "Space", factory: "TrialFactory", run: Place, question: str) -> Story:
    assert space.search is not None
    experiment = read_experiment(run)
    if experiment is None:
        raise _unknown(run)
    check_name(run, experiment)
    tables = open_tables(run)
    trials, roles = read_trials(tables["trials"]), read_roles(tables["roles"])
    first = sorted(first_roles(roles).items(), key=lambda item: item[1].number)
    ended = [(role, trials[key]) for key, role in first if key in trials]
    goals = space.search.goals
    other = experiment.goals != goals
    column = goals[0].column
    curves = _curves(tables["epochs"].read_all(["key", "epoch", column]).to_pylist(), column)
    taken: dict[str, Earlier] = {}
    left: Counter[str] = Counter()
    for role, trial in ended:
        found = "another objective" if other else agreed_values(space, factory, role, trial)
        if isinstance(found, str):
            left[found] += 1
            continue
        taken[trial.key] = Earlier(
            number=role.number,
            key=trial.key,
            status=trial.status,
            values=found,
            objectives=[goal.value(trial) for goal in goals],
            curve=curves.get(trial.key, []),
        )
    if not taken:
        raise _unlike(run, left)
    return Story(run=run.name, question=question, trials=tuple(taken.values()), left=dict(left))


def _unknown(run: Place) -> SearchError:
    known = sorted(path.parent.name for path in run.parent.glob("*/experiment.json"))
    return SearchError(
        f"search.from: no run {run.name!r} in {run.parent}; expected one of: "
        f"{', '.join(known) or 'none yet'}; leave it out, or name another folder with --runs"
    )


def _unlike(run: Place, left: Mapping[str, int]) -> SearchError:
    return SearchError(
        f"search.from: {run.name} has no trial that this search could have suggested "
        f"({_reasons(left) or 'no trial of a search has ended there'}); expected the same data, "
        "fixed values and objective, and values of the same parameters; leave it out, or make the "
        "spaces agree"
    )


def _reasons(left: Mapping[str, int]) -> str:
    return ", ".join(f"{count} for {why}" for why, count in left.items())


def _curves(rows: Sequence[Row], column: str) -> dict[str, list[float | None]]:
    found: dict[str, dict[int, float | None]] = {}
    for row in rows:
        value = row[column]
        known = value if value is not None and math.isfinite(value) else None
        found.setdefault(row["key"], {})[row["epoch"]] = known
    return {key: [by[epoch] for epoch in sorted(by)] for key, by in found.items()}


def _freeze(folder: Place, stories: Sequence[Story]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / FILE, {"stories": [asdict(story) for story in stories]})


def _frozen(folder: Place) -> list[Story]:
    path = folder / FILE
    try:
        content = read_json(path)
        problem = mismatch(content, _FORM)
        if problem:
            raise ValueError(problem)
        return [_story(each) for each in needed_values(content, ["stories"])["stories"]]
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise SearchError(
            f"{path} cannot be read ({error}); expected what a run with search.from writes; "
            "restore it, or remove it to take the trials anew"
        ) from error


def _story(content: Mapping[str, object]) -> Story:
    trials = tuple(
        Earlier(**needed_values(trial, [field.name for field in fields(Earlier)]))
        for trial in needed_values(content, ["trials"])["trials"]
    )
    return Story(**needed_values(content, ["run", "question", "left"]), trials=trials)
