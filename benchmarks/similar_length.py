"""Compare training on batches of similar length with training on shuffled batches.

SUGRM with LSTM encoders over a frozen text encoder is fitted with ``batches: shuffled`` and
``similar_length`` from the same seeds; validation chooses the epoch. A row shows the means over
the seeds, and the mean of the paired differences with its 95 % t interval: above 0, batches of
similar length have the higher value. Times are CPU seconds of an epoch with its validation.
Run: ``python benchmarks/similar_length.py UNALIGNED.pkl [SEEDS [EPOCHS]] [--text NAME]``.
"""

import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from scipy.special import stdtrit  # type: ignore[import-untyped]

from benchmarks.measuring.command_line import parser_of, positive
from sugrm import Corpus, TrainingRun, resolve
from sugrm.data import import_features

WAYS = ("shuffled", "similar_length")


def fitted(corpus: Corpus, text: str, *, batches: str, seed: int, epochs: int) -> dict[str, float]:
    """Return the scores of one fit by name, and the CPU seconds of its epochs."""
    config = resolve(
        {"preset": ["mosi", "paper"]},
        {"model": {"text": {"name": text, "finetune": False}, "encoder": {"name": "lstm"}}},
        {
            "training": {
                "batches": batches,
                "learning_rate": {"others": 1e-3},
                "max_epochs": epochs,
                "monitor": "valid/mae",
                "device": "cpu",
            }
        },
    )
    run, seconds = TrainingRun(config, corpus, seed=seed), []
    while not run.finished:
        started = time.process_time()
        run.run_epoch()
        seconds.append(time.process_time() - started)
    result = run.finish()
    return {
        "valid MAE": result.valid["mae"],
        "test MAE": result.test["mae"],
        "test Corr": result.test["corr"],
        "CPU s an epoch": statistics.median(seconds),
    }


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """Return the ends of the 95 % t interval of the mean of at least two differences."""
    mean, count = statistics.mean(differences), len(differences)
    half = stdtrit(count - 1, 0.975) * statistics.stdev(differences) / count**0.5
    return mean - half, mean + half


def main(given: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("file", type=Path, help="unaligned features")
    parser.add_argument("seeds", type=positive, nargs="?", default=12, help="at least 2")
    parser.add_argument("epochs", type=positive, nargs="?", default=10)
    parser.add_argument("--text", default="minilm", help="name of the text encoder")
    options = parser.parse_args(given)
    if not options.file.is_file():
        parser.error(f"there is no file {options.file}")
    if options.seeds < 2:
        parser.error("seeds: got 1; expected at least 2 for an interval")
    torch.set_num_threads(1)
    corpus, started = import_features(options.file), time.process_time()
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for seed in range(1, options.seeds + 1):
        for way in WAYS if seed % 2 else WAYS[::-1]:
            found[way].append(
                fitted(corpus, options.text, batches=way, seed=seed, epochs=options.epochs)
            )
    print(f"one CPU thread, {options.seeds} seeds, {options.epochs} epochs a fit, {options.text}")
    print(f"{'':<15} {WAYS[0]:>9} {WAYS[1]:>15} {'difference':>11}   95 % interval")
    for name in found[WAYS[0]][0]:
        pairs = [(a[name], b[name]) for a, b in zip(*found.values(), strict=True)]
        first, second = (statistics.mean(values) for values in zip(*pairs, strict=True))
        low, high = interval([b - a for a, b in pairs])
        change = f"{second - first:>+11.3f}   [{low:+.3f}, {high:+.3f}]"
        print(f"{name:<15} {first:>9.3f} {second:>15.3f} {change}")
    print(f"all fits: {time.process_time() - started:.0f} CPU s")


if __name__ == "__main__":
    main()
