"""What Ray Tune's loop pays for each report while many workers compute.

Before each report Tune shuffles the references to what every worker computes and waits for the
first that is ready (``RayActorManager.next``). This script does the same with the reference of a
task that is ready and those of tasks that are not. No worker computes: the tasks wait in the queue
of one actor. Seconds are CPU seconds of the driver.
Run: ``python benchmarks/scale/tune_wait.py [WORKERS ...]``; it prints the numbers.
"""

import random
import statistics
import time

import ray

from benchmarks.measuring.command_line import parser_of, positive
from search.tune.cluster.session import ray_session

WORKERS = (10, 100, 1_000)
REPEATS = 100


@ray.remote(num_cpus=0)
class Busy:
    """An actor that computes one task after another."""

    def wait(self) -> None:
        """Compute for a long time."""
        time.sleep(3600)


@ray.remote(num_cpus=0)
class Idle:
    """An actor that is ready at once."""

    def report(self) -> int:
        """Return a report."""
        return 1


def milliseconds(workers: int) -> tuple[float, float]:
    """Return the CPU time and the time by the clock that one report takes, in milliseconds."""
    busy, idle = Busy.remote(), Idle.remote()  # type: ignore[attr-defined]
    waiting = [busy.wait.remote() for _ in range(workers - 1)]
    found = []
    for _ in range(REPEATS):
        ready = idle.report.remote()
        ray.get(ready)
        clock, computed = time.perf_counter(), time.process_time()
        references = [*waiting, ready]
        random.shuffle(references)
        first, _ = ray.wait(references, num_returns=1, timeout=0.1)
        found.append((time.process_time() - computed, time.perf_counter() - clock))
        assert first == [ready]
    ray.kill(busy)
    computed, clock = (1e3 * statistics.median(each) for each in zip(*found, strict=True))
    return computed, clock


def main() -> None:
    """Print the times of each number of workers."""
    parser = parser_of(__doc__)
    parser.add_argument("workers", type=positive, nargs="*", default=WORKERS)
    options = parser.parse_args()
    with ray_session(None):
        for workers in options.workers:
            computed, clock = milliseconds(workers)
            print(
                f"{workers:,} workers: {computed:.2f} CPU ms for each report, {clock:.2f} ms by "
                f"the clock; at most {1e3 / computed:,.0f} reports a second",
                flush=True,
            )


if __name__ == "__main__":
    main()
