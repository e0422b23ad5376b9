"""The configurations of SUGRM that confirmations chose, with their values for Table 7."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.ledger.reading.load import Results
from reports.ledger.trials import Trial, option_value
from reports.published.setup import PublishedSetting
from reports.results.confirmation import confirmation_of
from reports.results.corpora import data_of
from reports.results.seed_groups import SeedGroup

Value = int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class BestConfiguration:
    """The configuration of SUGRM that the confirmation of a run chose on validation."""

    results: Results
    configuration: SeedGroup

    @property
    def newest(self) -> Trial:
        """Return the newest of its trials."""
        return max(self.configuration.finished.values(), key=lambda trial: trial.ended_at)

    def value(self, setting: PublishedSetting) -> Value | None:
        """Return its value of a setting; None if its modules do not have the setting."""
        config: Mapping[str, Any] = json.loads(self.newest.config)
        values = (option_value(config, option) for option in setting.options)
        return next((value for value in values if isinstance(value, int | float | str)), None)


def best_configurations(runs: Sequence[Results]) -> dict[str, tuple[BestConfiguration, ...]]:
    """Return the chosen configurations by dataset, the newest first.

    Data that are not the paper's count as another dataset, named by their sizes.
    """
    by_dataset: dict[str, list[BestConfiguration]] = {}
    for results in runs:
        best = confirmation_of(results).best
        if best is None or not results.experiment.dataset:
            continue
        found = BestConfiguration(results=results, configuration=best)
        if found.newest.model == "sugrm":
            by_dataset.setdefault(data_of(results, found.newest).name, []).append(found)
    return {
        dataset: tuple(sorted(some, key=lambda one: one.newest.ended_at, reverse=True))
        for dataset, some in by_dataset.items()
    }
