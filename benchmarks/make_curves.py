"""Fit every cell of a grid to its end and write its validation MAE by epoch, for asha_tpe.py.

The grid has every combination of the parameters of ``benchmarks/curves.yaml``. The fits are real
fits of the synthetic corpus on a CPU, so the same command gives the same table.
Run: ``python benchmarks/make_curves.py``; it writes ``benchmarks/curves.csv``, which is committed.
"""

import csv
import itertools
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks.measuring.command_line import parser_of
from search import load_space
from search.space.parameters import ChoiceParameter, Parameter
from sugrm import Corpus, ExperimentConfig, fit, load_corpus

SPACE = Path(__file__).with_name("curves.yaml")
TABLE = Path(__file__).with_name("curves.csv")


def values(parameter: Parameter) -> Sequence[Any]:
    """Return every value of a choice, or of a range with a step.

    Raises:
        ValueError: ``parameter`` is a range without a step.
    """
    if isinstance(parameter, ChoiceParameter):
        return parameter.choice
    if parameter.step is None:
        raise ValueError(f"{SPACE.name}: a range without a step is no grid; expected a step")
    count = round((parameter.high - parameter.low) / parameter.step) + 1
    return [parameter.low + index * parameter.step for index in range(count)]


def cells(parameters: dict[str, Parameter]) -> Iterator[dict[str, Any]]:
    """Yield the changes of each cell of the grid."""
    for chosen in itertools.product(*(values(parameter) for parameter in parameters.values())):
        yield dict(zip(parameters, chosen, strict=True))


def fitted(config: ExperimentConfig, corpus: Corpus, seed: int) -> list[float]:
    """Return the validation MAE of each epoch of a fit."""
    curve: list[float] = []
    fit(config, corpus, seed=seed, on_epoch=lambda record: curve.append(record.valid["mae"]))
    return curve


def main() -> None:
    """Fit the grid, cell after cell."""
    parser_of(__doc__).parse_args()
    torch.set_num_threads(1)
    space = load_space(SPACE)
    assert space.search is not None
    grid = list(cells(space.search.parameters))
    corpus = load_corpus(space.data, "unaligned")
    epochs = space.experiment_of().training.max_epochs
    started = time.perf_counter()
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*space.search.parameters, *range(1, epochs + 1)])
        for number, changes in enumerate(grid, start=1):
            curve = fitted(space.experiment_of(changes), corpus, space.search.seed)
            shown = (
                f"{value:g}" if isinstance(value, float) else value for value in changes.values()
            )
            writer.writerow([*shown, *(f"{value:.5f}" for value in curve)])
            if number % 36 == 0:
                print(f"{number} of {len(grid)}: {time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
