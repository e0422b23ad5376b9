"""The two runs of a comparison."""

from dataclasses import dataclass
from functools import cached_property

from reports.ledger.reading.load import Results
from reports.ledger.trials import Trial
from reports.results.corpora import Data, data_of
from reports.results.ensembles import System, read_predictions, systems_of
from reports.results.seed_groups import SeedGroup


@dataclass(frozen=True, slots=True)
class Best:
    """The best of a run.

    Attributes:
        name: its name, for use within a sentence.
        setting: its trials over seeds; one seed if nothing was confirmed.
    """

    name: str
    setting: SeedGroup

    @property
    def trial(self) -> Trial:
        """Return one of its trials, which differ only in their seeds."""
        return next(iter(self.setting.finished.values()))


@dataclass(frozen=True, kw_only=True)
class Side:
    """One run of a comparison; ``name`` differs from that of the other run."""

    name: str
    results: Results
    best: Best | None

    @property
    def data(self) -> Data | None:
        """Return the data that the best read; None without a best."""
        return None if self.best is None else data_of(self.results, self.best.trial)

    @cached_property
    def system(self) -> System | None:
        """Return the best with its test predictions; None without a best or a prediction."""
        if self.best is None:
            return None
        found = read_predictions(self.results, [self.best.setting])
        (system,) = systems_of({self.name: self.best.setting}, found)
        return system if system.seeds else None


@dataclass(frozen=True)
class Pair:
    """Both runs; differences are always ``second - first``."""

    first: Side
    second: Side

    @property
    def sides(self) -> tuple[Side, Side]:
        """Return both runs."""
        return self.first, self.second

    @property
    def warning(self) -> str:
        """Return a warning about data that cannot be compared; "" if there is none.

        Files of one corpus, aligned and not, are different data with the same test utterances.
        """
        first, second = self.first.data, self.second.data
        if first is None or second is None or first.fingerprint == second.fingerprint:
            return ""
        read = (
            f"{side.name} {data.name} (fingerprint {data.fingerprint[:8]})"
            for side, data in zip(self.sides, (first, second), strict=True)
        )
        return f"Attention: the runs read different data: {', '.join(read)}. " + (
            "Their numbers cannot be compared."
            if self.obstacle
            else "The test utterances are the same; every difference includes that of the data."
        )

    @cached_property
    def obstacle(self) -> str:
        """Return why the best of both cannot be tested against each other, "" if they can.

        Different data may hold the same utterances, as the aligned and the unaligned file do.
        """
        if self.first.best is None or self.second.best is None:
            return "one run has none"
        first, second = self.first.best.trial, self.second.best.trial
        if first.setting == second.setting:
            return "both are the same setting, on the same data"
        if first.data_fingerprint == second.data_fingerprint:
            return ""
        if self.first.system is None or self.second.system is None:
            return "the data differ, and without predictions the test utterances are unknown"
        same = self.first.system.ensemble().utterances == self.second.system.ensemble().utterances
        return "" if same else "the test utterances or their labels differ"


def names_of(first: Results, second: Results) -> tuple[str, str]:
    """Return the names of both runs, numbered if they are equal."""
    names = first.experiment.name, second.experiment.name
    return names if names[0] != names[1] else (f"{names[0]} (1)", f"{names[1]} (2)")
