"""The one system whose predictions a report shows utterance by utterance.

It is the confirmed configuration that validation chose; where none is confirmed, the baseline of
the first ablation that has run. Its predictions are the means over its seeds.
"""

from dataclasses import dataclass

import numpy as np

from reports.ledger.reading.load import Results
from reports.results.confirmation import confirmation_of
from reports.results.ensembles import Numbers, System, read_predictions, systems_of
from reports.results.seed_groups import SeedGroup, first_baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenSystem:
    """One system on the test split.

    Attributes:
        name: name of the system, for use within a sentence.
        seeds: seeds whose predictions are averaged, ascending.
        unused: finished seeds without predictions of these utterances, ascending.
        ids: [N] ids of the utterances, ascending.
        labels: [N] human labels.
        predictions: [N] predictions, the mean over ``seeds``.
        left_out: number of utterances without a finite prediction of every seed.
    """

    name: str
    seeds: tuple[int, ...]
    unused: tuple[int, ...]
    ids: tuple[str, ...]
    labels: Numbers
    predictions: Numbers
    left_out: int

    @property
    def note(self) -> str:
        """Return which system it is, of which seeds and over how many utterances."""
        count, seeds = len(self.seeds), ", ".join(map(str, self.seeds))
        text = f"System: {self.name}, predictions "
        text += f"averaged over its {count} seeds ({seeds})" if count > 1 else f"of seed {seeds}"
        if self.unused:
            unused = ", ".join(map(str, self.unused))
            text += f", leaving out {unused}, which recorded none for these utterances"
        text += f"; test split, {len(self.ids)} utterances"
        if self.left_out:
            text += f"; left out: {self.left_out} without a finite prediction"
        return f"{text}."


def chosen_system(results: Results) -> ChosenSystem | None:
    """Return the system on test; None where none has finished or no prediction is recorded."""
    found = _setting(results)
    if found is None:
        return None
    name, setting = found
    (system,) = systems_of({name: setting}, read_predictions(results, [setting]))
    return _averaged(name, system) if system.seeds else None


def _averaged(name: str, system: System) -> ChosenSystem | None:
    """Return the means over the seeds; None without a finite one."""
    # Every utterance needs the same seeds: means over different ones are different systems.
    mean = system.ensemble()
    finite = np.isfinite(mean.values) & np.isfinite(mean.labels)
    if not finite.any():
        return None
    return ChosenSystem(
        name=name,
        seeds=tuple(sorted(system.seeds)),
        unused=system.unused,
        ids=tuple(str(mean.ids[place]) for place in np.flatnonzero(finite)),
        labels=mean.labels[finite],
        predictions=mean.values[finite],
        left_out=int((~finite).sum()),
    )


def _setting(results: Results) -> tuple[str, SeedGroup] | None:
    confirmation = confirmation_of(results)
    if confirmation.best is not None:
        return confirmation.best_title, confirmation.best
    return first_baseline(results)
