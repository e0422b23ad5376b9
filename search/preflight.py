"""The checks before a run; they write nothing, and a dry run and ``plan`` make them as well."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place, check_reachable
from search.errors import SearchError
from search.ledger.experiment_file import check_folder
from search.plan import Plan, build_plan
from search.sampling.warm_start import check_source_runs
from search.tracking.packages import check_trackers
from search.trials.corpora import CorpusFolder, convert
from search.trials.encoder_checks import check_encoders
from search.trials.factory import TrialFactory
from search.trials.missing_files import check_files
from search.trials.start.checks import CheckedStarts, check_starts
from search.trials.working_folder import check_working_folder

if TYPE_CHECKING:
    from search.space import Space


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The results of the checks.

    Attributes:
        plan: the plan of the space.
        folder: the folder of the run, which need not exist yet.
        corpora: the converted corpora that the trials read, by alignment.
        factory: resolves the trials of the space.
        start_checks: what trials take over of the models that they start from.
    """

    plan: Plan
    folder: Place
    corpora: Mapping[str, CorpusFolder]
    factory: TrialFactory
    start_checks: CheckedStarts = field(default_factory=CheckedStarts)

    @property
    def starts(self) -> tuple[str, ...]:
        """Return what trials take over of the models that they start from, a line each."""
        return self.start_checks.lines

    @property
    def warnings(self) -> list[str]:
        """Return what reading the data changed, and which cells have no data."""
        corpora = self.corpora.values()
        read = [line for each in corpora for line in (*each.warnings, *each.remarks)]
        return [*read, *self.start_checks.warnings] + [
            f"{cell.group}/{cell.name} is not run: it reads {cell.alignment} data and the space "
            f"names no such file; add --data {cell.alignment}=PATH"
            for cell in self.plan.missing
        ]


def check_before_run(space: "Space", runs: Place) -> Checked:
    """Check that a space can be run; return its plan, folder, data and trial factory.

    Args:
        space: the space to run.
        runs: the folder of all runs.

    Raises:
        SearchError: the folder of the run, the space or a tracker cannot be used, or the workers
            would import other code than this process.
        StorageError: the object store cannot be used.
        SugrmError: the data, a text encoder or a model to start from cannot be used.
    """
    check_working_folder(Path.cwd())
    check_trackers(space.tracking, runs)
    check_reachable(runs)
    folder = runs / space.name
    check_folder(folder, space.name)
    plan = build_plan(space)
    if not plan.total:
        raise SearchError(
            f"{space.name} has nothing to run: no search trials and no ablation cell with data; "
            "expected at least one; raise search.trials or name data with --data"
        )
    check_files(space, plan, runs=runs)
    corpora = convert(space, plan)
    reading = {alignment for alignment, corpus in corpora.items() if not corpus.has_text}
    check_encoders(space, reads_text=reading.__contains__)
    factory = TrialFactory(space, corpora, run=folder)
    starts = check_starts(space, plan, corpora=corpora, starts=factory.starts)
    factory.trial({}, 0)  # raises if the text encoder cannot be loaded
    check_source_runs(space, factory, folder=folder)
    return Checked(plan=plan, folder=folder, corpora=corpora, factory=factory, start_checks=starts)
