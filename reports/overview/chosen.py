"""The configuration that an overview is about, and the baseline beside it.

Both are chosen on validation or by the space, never by a test metric.
"""

from dataclasses import dataclass, replace

from reports.ledger.reading.load import Results
from reports.ledger.schema import SEARCH
from reports.results.best_configuration import best_cell
from reports.results.confirmation import Confirmation, confirmation_of
from reports.results.corpora import have_other_splits
from reports.results.seed_groups import SeedGroup, ablation_cells, baseline_of
from reports.statistics import PairedTest, paired_test
from reports.tables.few_seeds import seeds_text
from reports.tables.metrics import main_metric

FIXED = "the fixed values of the space"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The configuration that validation chose, over seeds.

    Attributes:
        title: what it is and how it was chosen, for use within a sentence.
        setting: its trials over seeds.
        baseline: the setting that it is compared with, over seeds; None where none has run, or
            where ``setting`` is itself the baseline.
        baseline_title: what the baseline is, for use within a sentence.
        is_baseline: whether ``setting`` is the baseline.
        ablation: the name of its ablation; "" for a confirmed configuration.
        is_only: whether the run has this one cell and no search, so that nothing was chosen.
    """

    title: str
    setting: SeedGroup
    baseline: SeedGroup | None
    baseline_title: str
    is_baseline: bool
    ablation: str = ""
    is_only: bool = False

    @property
    def name(self) -> str:
        """Return what it is in a heading."""
        return "configuration" if self.is_only else "chosen configuration"

    @property
    def baseline_beside(self) -> SeedGroup | None:
        """Return the baseline with the seeds of ``setting``, if it has all of them.

        Then the difference of the two means is that of the paired test. Else it has all its seeds;
        None without a baseline.
        """
        if (
            self.baseline is None
            or not self.setting.finished.keys() <= self.baseline.finished.keys()
        ):
            return self.baseline
        finished = {seed: self.baseline.finished[seed] for seed in self.setting.finished}
        return replace(self.baseline, finished=finished)

    @property
    def baseline_seeds(self) -> str:
        """Return which seeds ``baseline_beside`` has, in words; "" without a baseline."""
        if self.baseline is None or self.baseline_beside is None:
            return ""
        ours, theirs = self.setting.finished, self.baseline.finished
        count = len(self.baseline_beside.finished)
        if count < len(theirs):
            return f"compared over the {seeds_text(count)} that both have"
        shared = len(ours.keys() & theirs.keys())
        return seeds_text(count) + (f", {shared} of them shared" if shared < len(ours) else "")


def baseline_test(results: Results, chosen: Chosen) -> PairedTest | None:
    """Return the paired test of the chosen configuration against the baseline in one test metric.

    It is the metric of the objective. None without a common seed, and for a cell, which is tested
    with the others of its ablation.
    """
    if chosen.baseline is None or chosen.ablation:
        return None
    metric = main_metric(results).name
    return paired_test(*(one.values("test", metric) for one in (chosen.baseline, chosen.setting)))


def chosen_of(results: Results) -> Chosen | None:
    """Return what validation chose among settings that ran over seeds; None if none has finished.

    It is the confirmed configuration; in a run without a search the best cell of its ablations.
    A search that has confirmed nothing has chosen a trial, but no setting over seeds.
    """
    confirmation = confirmation_of(results)
    if confirmation.best is not None:
        return _confirmed(results, confirmation, best=confirmation.best)
    if results.experiment.space.get("search") or any(r.phase == SEARCH for r in results.roles):
        return None
    cell = best_cell(results)
    return None if cell is None else _cell(results, cell)


def _confirmed(results: Results, confirmation: Confirmation, *, best: SeedGroup) -> Chosen:
    searched = sorted(
        {r.number for r in results.roles if r.phase == SEARCH and r.key == best.group}
    )
    trial = f"search trial {searched[0]}" if searched else "a configuration of the search"
    return Chosen(
        title=f"{trial}, confirmed and chosen on validation",
        setting=best,
        baseline=_fixed(results, confirmation, best=best),
        baseline_title=FIXED,
        is_baseline=not best.changes,
    )


def _fixed(results: Results, confirmation: Confirmation, *, best: SeedGroup) -> SeedGroup | None:
    """Return the fixed values as a setting over seeds: a confirmed configuration or a cell.

    Of several the one with the most seeds of ``best`` is returned.
    """
    if not best.changes:
        return None
    cells = [cell for cells in ablation_cells(results).values() for cell in cells]
    found = [
        setting
        for setting in (*confirmation.configurations, *cells)
        if not setting.changes and setting.finished
    ]
    found = [each for each in found if not have_other_splits(results, best, second=each)]
    common = [len(each.finished.keys() & best.finished.keys()) for each in found]
    return found[common.index(max(common))] if found else None


def _cell(results: Results, cell: SeedGroup) -> Chosen:
    groups = ablation_cells(results)
    is_only = sum(map(len, groups.values())) == 1
    baseline = baseline_of(results, groups[cell.group])
    count = len(cell.finished)
    has_fewer = any(len(each.finished) < count for cells in groups.values() for each in cells)
    among = f" among cells with {seeds_text(count)}" if has_fewer else ""
    is_baseline = baseline.cell == cell.cell
    is_comparable = baseline.finished and not have_other_splits(results, cell, second=baseline)
    which = "the only one of the run" if is_only else f"the best on validation{among}"
    return Chosen(
        title=f"the cell {cell.cell} of {cell.group}, {which}",
        setting=cell,
        baseline=baseline if is_comparable and not is_baseline else None,
        baseline_title=f"{baseline.cell} of {cell.group}",
        is_baseline=is_baseline,
        ablation=cell.group,
        is_only=is_only,
    )
