"""The trials of source runs (``search.from``) that a search starts from, and their file.

A run writes them to ``earlier.json`` when it first reads them: the search then repeats exactly,
even if a source run grows or is removed.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

from reports.ledger.json_file import read_json
from reports.ledger.places.storage import Place
from reports.ledger.schema import STATUSES
from reports.ledger.shape import Each, Rule, Shape, mismatch, needed_values
from search.errors import SearchError
from search.ledger.running_trials import write_json
from search.option_values import Changes
from search.sampling.observation import STATES, Observation

FILE = "earlier.json"


def _holds_numbers(value: object) -> bool:
    return isinstance(value, list) and all(
        one is None or mismatch(one, float) is None for one in value
    )


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
class EarlierTrial:
    """One trial of a source run.

    Attributes:
        number: the number of its suggestion in that run, from 0.
        key: the trial's key.
        status: ``finished``, ``stopped`` or ``failed``.
        values: its value of each parameter of this search.
        objectives: its value of each objective, None where it has none.
        curve: its primary objective by epoch, None where it has no value.
    """

    number: int
    key: str
    status: str
    values: Changes
    objectives: Sequence[float | None]
    curve: Sequence[float | None]

    @property
    def observation(self) -> Observation:
        """Return the trial as the study records it."""
        curve = [math.nan if value is None else value for value in self.curve]
        return Observation(state=STATES[self.status], values=self.objectives, curve=curve)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTrials:
    """The trials that this search uses of one source run.

    Attributes:
        run: the name of the source run.
        search_hash: a hash of everything in this search that decides which trials it uses.
        trials: the trials that it uses, in the order of their suggestions.
        left_out: reason -> how many trials were left out for it.
    """

    run: str
    search_hash: str
    trials: tuple[EarlierTrial, ...]
    left_out: Mapping[str, int]

    def __str__(self) -> str:
        """Return a line for the user: how many trials are used and why others are not."""
        kinds = Counter(trial.status for trial in self.trials)
        ends = ", ".join(f"{kinds[kind]} {kind}" for kind in STATUSES if kinds[kind])
        total = len(self.trials) + sum(self.left_out.values())
        text = (
            f"search.from: the sampler starts from {len(self.trials)} of {total} trials of "
            f"{self.run}"
        ) + (f" ({ends})" if ends else "")
        return f"{text}; left out: {counted(self.left_out)}" if self.left_out else text


def counted(reasons: Mapping[str, int]) -> str:
    """Return reasons with the number of trials of each, as text.

    >>> counted({"other data": 4, "another objective": 2})
    '4 for other data, 2 for another objective'
    """
    return ", ".join(f"{count} for {reason}" for reason, count in reasons.items())


def write_sources(folder: Place, sources: Sequence[SourceTrials]) -> None:
    """Write the trials of the source runs to the folder of a run."""
    folder.mkdir(parents=True, exist_ok=True)
    content = [
        {
            "run": source.run,
            "question": source.search_hash,
            "trials": [asdict(trial) for trial in source.trials],
            "left": source.left_out,
        }
        for source in sources
    ]
    write_json(folder / FILE, {"stories": content})


def read_sources(folder: Place) -> list[SourceTrials]:
    """Return the source runs that the file of a run holds, none without a file.

    Raises:
        SearchError: the file is damaged.
    """
    path = folder / FILE
    try:
        content = read_json(path)
        problem = mismatch(content, _FORM)
        if problem:
            raise ValueError(problem)
        return [_source(each) for each in needed_values(content, ["stories"])["stories"]]
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise SearchError(
            f"{path} cannot be read ({error}); expected what a run with search.from writes; "
            "restore it, or remove it to read the source runs again"
        ) from error


def _source(content: Mapping[str, object]) -> SourceTrials:
    found = needed_values(content, ["run", "question", "trials", "left"])
    names = [field.name for field in fields(EarlierTrial)]
    return SourceTrials(
        run=found["run"],
        search_hash=found["question"],
        trials=tuple(EarlierTrial(**needed_values(one, names)) for one in found["trials"]),
        left_out=found["left"],
    )
