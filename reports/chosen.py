"""The one system whose predictions a report shows utterance by utterance.

It is the confirmed configuration that validation chose; where none is confirmed, the baseline of
the first ablation that has run. Its predictions are the means over its seeds.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from reports.load import Results
from reports.select import Repeated, ablation_cells, baseline_of, confirmation_of

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenSystem:
    """One system on the test split.

    Attributes:
        name: what it is, to be read within a sentence.
        seeds: whose predictions are averaged, ascending.
        ids: of the utterances, ascending.
        labels: [N] human labels.
        predictions: [N] means over ``seeds``.
        left_out: utterances without a finite prediction of every seed.
    """

    name: str
    seeds: tuple[int, ...]
    ids: tuple[str, ...]
    labels: Numbers
    predictions: Numbers
    left_out: int

    @property
    def note(self) -> str:
        """Return which system it is, of which seeds and over how many utterances."""
        many = len(self.seeds) > 1
        seeds = ", ".join(map(str, self.seeds))
        return (
            f"System: {self.name}, predictions "
            + (
                f"averaged over its {len(self.seeds)} seeds ({seeds})"
                if many
                else f"of seed {seeds}"
            )
            + f"; test split, {len(self.ids)} utterances"
            + (f"; left out: {self.left_out} without a finite prediction" if self.left_out else "")
            + "."
        )


def chosen_system(results: Results) -> ChosenSystem | None:
    """Return the system on test; None where none has finished or no prediction is recorded."""
    found = _setting(results)
    if found is None:
        return None
    name, setting = found
    rows = results.predictions()
    keys = pa.array(sorted(trial.key for trial in setting.finished.values()))
    wanted = pc.and_(
        pc.equal(rows["split"], pa.scalar("test")), pc.is_in(rows["key"], value_set=keys)
    )
    rows = rows.filter(wanted).select(["key", "id", "label", "prediction_M"])
    recorded = set(rows["key"].unique().to_pylist())
    seeds = sorted(seed for seed, trial in setting.finished.items() if trial.key in recorded)
    # A mean over other seeds here and there would be another system at each utterance.
    finite = rows.filter(pc.and_(pc.is_finite(rows["prediction_M"]), pc.is_finite(rows["label"])))
    means = finite.group_by("id").aggregate(
        [("label", "mean"), ("prediction_M", "mean"), ("key", "count")]
    )
    whole = means.filter(pc.equal(means["key_count"], pa.scalar(len(seeds)))).sort_by("id")
    if not len(whole):
        return None
    return ChosenSystem(
        name=name,
        seeds=tuple(seeds),
        ids=tuple(map(str, whole["id"].to_pylist())),
        labels=whole["label_mean"].to_numpy(),
        predictions=whole["prediction_M_mean"].to_numpy(),
        left_out=len(rows["id"].unique()) - len(whole),
    )


def _setting(results: Results) -> tuple[str, Repeated] | None:
    confirmation = confirmation_of(results)
    if confirmation.chosen is not None:
        chosen = confirmation.configurations[confirmation.chosen]
        return f"confirmed configuration {confirmation.chosen + 1}, chosen on validation", chosen
    for group, cells in ablation_cells(results).items():
        baseline = baseline_of(results, cells)
        if baseline.finished:
            return f"{baseline.cell}, the baseline of the ablation {group}", baseline
    return None
