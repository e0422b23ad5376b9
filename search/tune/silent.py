"""A progress reporter for Ray Tune that shows nothing: the events of a run are what is shown."""

from ray.tune import ProgressReporter
from ray.tune.experiment import Trial


class SilentReporter(ProgressReporter):
    """Report nothing. In a notebook Tune's own reporter clears what the cell has printed."""

    def should_report(self, trials: list[Trial], done: bool = False) -> bool:
        """Return that nothing is to be reported."""
        return False

    def report(self, trials: list[Trial], done: bool, *sys_info: str) -> None:
        """Report nothing."""
