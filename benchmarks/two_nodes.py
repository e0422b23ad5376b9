"""Time the same run of sleeping trials on one node and on two.

A trial sleeps and reports, so the benchmark times how this project's run distributes trials over
nodes, not the competition for the machine's cores. Both nodes are Ray nodes of this machine with
one CPU each, as Ray counts them. Runs on one node and on two alternate, each with its own cluster
and workers. The clock starts when the trials that started the workers end. The ratio is the median
over the pairs. Run: ``python benchmarks/two_nodes.py [TRIALS] [PAIRS]``; it prints the numbers.
"""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.measuring.command_line import parser_of, positive
from search import load_space
from search.events import Event
from search.run import run_space
from search.trials.protocol import Outcome, Report
from search.tune import trainable
from search.tune.cluster.authentication import own_token
from search.tune.ray_process import worker_place
from sugrm import EpochRecord
from sugrm.training import SplitPredictions

PAIRS, TRIALS, SECONDS = 3, 8, 4.0
SPACE = """
name: sleep
data:
  dataset: synthetic
  synthetic: {train: 8, valid: 4, test: 4, audio_length: 2, vision_length: 2, text_length: 8}
experiment: {model: {text: {name: tiny, finetune: false}, encoder: {name: lstm}}}
search:
  trials: 1
  sampler: {name: random}
  start: []
  parameters: {training.learning_rate.others: {low: 1.0e-4, high: 1.0e-1, log: true}}
"""


class SleepingActor(trainable.TrialActor):
    """A worker whose trials sleep for one epoch instead of training."""

    seconds = SECONDS

    def step(self) -> dict[str, Any]:
        """Return the report of the only epoch."""
        import numpy as np

        time.sleep(self.seconds)
        valid = {"loss": 1.0, "mae": 1.0}
        record = EpochRecord(
            epoch=1, seconds=self.seconds, train_loss=0.0, valid=valid, counters={}
        )
        split = SplitPredictions(
            ids=["u"], labels=np.zeros(1, np.float32), predictions={"M": np.zeros(1, np.float32)}
        )
        outcome = Outcome(
            best_epoch=1, valid=valid, test=valid, predictions={"test": split}, columns={}
        )
        report = Report(record=record, outcome=outcome, place=worker_place())
        return {trainable.REPORT: report, trainable.EPOCH: 1, "done": True}


def trials_per_second(nodes: int, trials: int) -> float:
    """Return the trials per second of a run on that many nodes."""
    from ray.cluster_utils import Cluster

    ends: list[float] = []

    def note_end(event: Event) -> None:
        if type(event).__name__ == "TrialEnded":
            ends.append(time.perf_counter())

    cluster: Any = Cluster()
    try:
        for _ in range(nodes):
            cluster.add_node(num_cpus=1, object_store_memory=100 * 2**20, include_dashboard=False)
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            (folder / "sleep.yaml").write_text(SPACE, encoding="utf-8")
            space = load_space(folder / "sleep.yaml", overrides=[f"search.trials={trials + nodes}"])
            with patch.object(trainable, "TrialActor", SleepingActor):
                run_space(space, runs=folder, address=cluster.address, listen=note_end)
    finally:
        cluster.shutdown()
    assert len(ends) == trials + nodes, ends
    return trials / (ends[-1] - ends[nodes - 1])


def main() -> None:
    """Print the rates of one node and of two, and their ratio."""
    parser = parser_of(__doc__)
    parser.add_argument("trials", type=positive, nargs="?", default=TRIALS)
    parser.add_argument("pairs", type=positive, nargs="?", default=PAIRS)
    options = parser.parse_args()
    trials, count, pairs = options.trials, options.pairs, []
    with own_token():
        for number in range(count):
            pairs.append((trials_per_second(1, trials), trials_per_second(2, trials)))
            one, two = pairs[-1]
            print(f"pair {number + 1}: {one:.3f} and {two:.3f} a second", flush=True)
    one, two = (statistics.median(rates) for rates in zip(*pairs, strict=True))
    ratios = sorted(second / first for first, second in pairs)
    print(f"sleeping trials of {SECONDS:g} s, {trials} a run, median of {count} pairs")
    print(f"one node: {one:.3f} a second; two nodes: {two:.3f} a second")
    print(f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}); aim: 1.8")


if __name__ == "__main__":
    main()
