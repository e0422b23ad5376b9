"""Time adding 10,000 trials of a search to its ledger, one by one, as a run adds them.

The trials are those of ``benchmarks/scale/made_run.py``; merges of parts are included, a run's
folders of running trials and of TensorBoard are left out. Next to each time is the CPU time of this
process: on a shared machine the rest was spent waiting.
Run: ``python benchmarks/ledger_10000.py [TRIALS]``; it prints the numbers.
"""

import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring.command_line import parser_of, positive
from benchmarks.scale.made_run import NAME, ended_trials, space_of
from search.ledger import Ledger
from search.space import Space

TRIALS, WINDOW = 10_000, 1_000


@dataclass(frozen=True)
class Seconds:
    """A duration.

    Attributes:
        clock: seconds of wall time.
        computed: seconds of CPU time of this process.
    """

    clock: float
    computed: float

    def __str__(self) -> str:
        """Return both times as text."""
        return f"{self.clock:.2f} s ({self.computed:.2f} s computing)"


class Stopwatch:
    """Measures the time since it was made."""

    def __init__(self) -> None:
        self._clock, self._computed = time.perf_counter(), time.process_time()

    def read(self) -> Seconds:
        """Return the seconds so far."""
        return Seconds(time.perf_counter() - self._clock, time.process_time() - self._computed)


def add_all(space: Space, folder: Path) -> list[Seconds]:
    """Add every trial to a new ledger and return the time of each."""
    ledger, times = Ledger(folder), []
    for trial, role in ended_trials(space, folder):
        watch = Stopwatch()
        ledger.add(trial, [role])
        times.append(watch.read())
    return times


def mean_of(times: Sequence[Seconds]) -> str:
    """Return the mean of the times in milliseconds, as text."""
    clock, computed = (
        1e3 * statistics.mean(getattr(one, name) for one in times) for name in ("clock", "computed")
    )
    return f"{clock:.2f} ms ({computed:.2f} ms computing)"


def main() -> None:
    """Print the times."""
    parser = parser_of(__doc__)
    parser.add_argument("trials", type=positive, nargs="?", default=TRIALS)
    trials = parser.parse_args().trials
    window = min(WINDOW, -(-trials // 2))
    with tempfile.TemporaryDirectory() as temporary:
        times = add_all(space_of(Path(temporary), trials), Path(temporary) / NAME)
        first, last = times[:window], times[-window:]
        print(f"a trial added, mean of all {trials}: {mean_of(times)}; aim: 5 ms")
        print(f"the first {window}: {mean_of(first)}; the last {window}: {mean_of(last)}")
        ratio = sum(one.computed for one in last) / sum(one.computed for one in first)
        print(f"last to first, computing: {ratio:.2f}; aim: 1")


if __name__ == "__main__":
    main()
