"""Count the trivial trials per second of a run, and those of plain function trainables.

A trial is one report without any training, so the benchmark times the overhead. This project
hands out a trial, receives its epoch and writes ledger and TensorBoard, through workers that take
one trial after another. The alternative is Ray Tune's own: a function that reports once, a new
worker process for each trial, and only Tune's own files. Both run two trials at a time on the same
local Ray, alternately, so that a busy machine slows both; the ratio is the median over the pairs.
The count begins when the first trials end, since those start the workers and Tune; where every
trial starts a worker, the count includes that.
Run: ``python benchmarks/trials_per_second.py [SHARE] [PAIRS]``; it prints the numbers.
"""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

from ray import tune

from benchmarks.measuring.command_line import parser_of, positive
from search import load_space
from search.events import Event
from search.run import run_space
from search.trials.protocol import Outcome, Report
from search.tune import trainable
from search.tune.cluster.session import ray_session
from search.worker.process import set_up_torch
from sugrm import EpochRecord
from sugrm.training import SplitPredictions

CONCURRENCY, PAIRS, EPOCHS = 2, 3, 1
OURS, PLAIN = 60, 6
WARM_UP = 2 * CONCURRENCY
SPACE = """
name: trivial
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


class TrivialActor(trainable.TrialActor):
    """A worker that reports its epochs without training; it imports what a real one does."""

    def step(self) -> dict[str, Any]:
        """Return the report of the next epoch."""
        set_up_torch(1)
        self._reported += 1
        valid = dict.fromkeys(("loss", "mae"), 1.0 / self._reported)
        record = EpochRecord(
            epoch=self._reported, seconds=0.0, train_loss=0.0, valid=valid, counters={}
        )
        done = self._reported == EPOCHS
        outcome = _outcome(valid) if done else None
        report = Report(record=record, outcome=outcome)
        return {trainable.REPORT: report, trainable.EPOCH: self._reported, "done": done}


def _outcome(valid: dict[str, float]) -> Outcome:
    import numpy as np

    split = SplitPredictions(
        ids=["u"], labels=np.zeros(1, np.float32), predictions={"M": np.zeros(1, np.float32)}
    )
    return Outcome(
        best_epoch=EPOCHS, valid=valid, test=valid, predictions={"test": split}, columns={}
    )


def ours(folder: Path, trials: int) -> float:
    """Return the trials per second of a run of this project."""
    (folder / "trivial.yaml").write_text(SPACE, encoding="utf-8")
    ends: list[float] = []

    def note_end(event: Event) -> None:
        if type(event).__name__ == "TrialEnded":
            ends.append(time.perf_counter())

    space = load_space(folder / "trivial.yaml", overrides=[f"search.trials={trials + WARM_UP}"])
    with patch.object(trainable, "TrialActor", TrivialActor):
        summary = run_space(space, runs=folder, concurrency=CONCURRENCY, listen=note_end)
    assert summary.finished == trials + WARM_UP, summary
    return trials / (ends[-1] - ends[WARM_UP - 1])


class Ends(tune.Callback):
    """Callback that records the times at which trials end."""

    times: ClassVar[list[float]] = []

    def on_trial_complete(
        self, iteration: int, trials: list[Any], trial: object, **info: object
    ) -> None:
        """Record the time."""
        self.times.append(time.perf_counter())


def _report(config: dict[str, Any]) -> None:
    for epoch in range(1, EPOCHS + 1):
        tune.report({"mae": 1.0 / epoch})


def plain(folder: Path, trials: int) -> float:
    """Return the trials per second of Tune, each a function in its own process."""
    Ends.times.clear()
    tune.Tuner(
        tune.with_resources(_report, {"cpu": 1}),
        param_space={"rate": tune.loguniform(1e-4, 1e-1)},
        tune_config=tune.TuneConfig(
            num_samples=trials + CONCURRENCY,
            max_concurrent_trials=CONCURRENCY,
            reuse_actors=False,
        ),
        run_config=tune.RunConfig(
            name="plain", storage_path=str(folder), verbose=0, callbacks=[Ends()]
        ),
    ).fit()
    assert len(Ends.times) == trials + CONCURRENCY, Ends.times
    return trials / (Ends.times[-1] - Ends.times[CONCURRENCY - 1])


def main() -> None:
    """Print the rates of both ways, and their ratio."""
    parser = parser_of(__doc__)
    parser.add_argument("share", type=float, nargs="?", default=1.0, help="part of the trials")
    parser.add_argument("pairs", type=positive, nargs="?", default=PAIRS)
    options = parser.parse_args()
    share, count, pairs = options.share, options.pairs, []
    with ray_session(None):
        for number in range(count):
            with tempfile.TemporaryDirectory() as temporary:
                folder = Path(temporary)
                pair = (
                    ours(folder, max(2, int(OURS * share))),
                    plain(folder, max(2, int(PLAIN * share))),
                )
                pairs.append(pair)
                print(f"pair {number + 1}: {pair[0]:.2f} and {pair[1]:.2f} a second", flush=True)
    first, second = (statistics.median(rates) for rates in zip(*pairs, strict=True))
    ratio = statistics.median(own / theirs for own, theirs in pairs)
    print(f"trivial trials a second, {CONCURRENCY} at once, median of {count} pairs")
    print(f"this project's run: {first:.2f} (aim: 8)")
    print(f"function trainables without reuse: {second:.2f}; ratio {ratio:.1f} (aim: 5)")


if __name__ == "__main__":
    main()
