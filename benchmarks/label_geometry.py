"""Print the inputs of SUGRM's label generation by epoch: ratios, distances, directions, labels.

The experiment is the cell SUGRM of ``spaces/label_truth.yaml``, on the synthetic corpus, whose
true sentiment of each modality is known. A modality's label moves up where its ratio D_p / D_n to
the centres of the fusion's features is smaller than the fusion's own; the shift is 6 D_F / D_max,
at most 6. Every number is measured at the training steps, from the features that the rule reads.
Run: ``python benchmarks/label_geometry.py [EPOCHS]``; it prints a table for each seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor

from benchmarks.measuring.command_line import parser_of, positive
from search import load_space
from sugrm import Corpus, EpochRecord, ExperimentConfig, TrainingRun, load_corpus
from sugrm.data import Utterances
from sugrm.labels import LABEL_GENERATORS, SugrmLabels
from sugrm.labels.ulgm import distance_ratio, label_bound
from sugrm.types import MODALITY_OF, UNIMODAL_TASKS, ModelOutput, Split, Task

SPACE = Path(__file__).resolve().parents[1] / "spaces" / "label_truth.yaml"
SHOWN = (2, 3, 4, 6, 10, 15)
HEADER = (
    f"{'epoch':>5} {'feature':<7} {'ratio, 5 to 95 %':>17} {'median':>7} {'with human':>11}"
    f" {'D_F = D_max':>12} {'away':>6} {'label, human':>13} {'label, truth':>13}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The inputs of the rule for one modality in one step.

    Attributes:
        human: [B] human labels.
        ratio: [B] D_p / D_n of the modality's features.
        fusion_ratio: [B] D_p / D_n of the fusion's features.
        reaches: [B] bool, True where D_F is at least D_max.
    """

    human: Tensor
    ratio: Tensor
    fusion_ratio: Tensor
    reaches: Tensor


class RecordingLabels(SugrmLabels):
    """SUGRM's label generation, which also records its inputs before each step."""

    def __init__(self, steps: dict[tuple[int, Task], list[Seen]], **options: object) -> None:
        super().__init__(**options)
        self._steps = steps

    def after_backward(self, output: ModelOutput, index: Tensor, *, epoch: int) -> None:
        """Record the inputs of the rule, then update as the base class does."""
        if epoch > 1:  # the bank of features is full, and labels move
            for task in UNIMODAL_TASKS:
                self._steps.setdefault((epoch, task), []).append(self._seen(output, index, task))
        super().after_backward(output, index, epoch=epoch)

    def _seen(self, output: ModelOutput, index: Tensor, task: Task) -> Seen:
        here = output.present[task]
        fusion = output.features[Task.MULTIMODAL].detach()[here]
        modality = output.features[task].detach()[here]
        means = self.state.means.float()
        return Seen(
            human=self.state.human[index][here],
            ratio=distance_ratio(modality, means[:2])[0],
            fusion_ratio=distance_ratio(fusion, means[:2])[0],
            reaches=(fusion - modality).norm(dim=-1) >= label_bound(means[2], means[3]),
        )


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return Pearson's correlation."""
    return float(np.corrcoef(first, second)[0, 1])


def spread(ratios: np.ndarray, human: np.ndarray) -> str:
    """Return the middle 90 % of the ratios, their median and their correlation with the labels."""
    low, middle, high = np.quantile(ratios, [0.05, 0.5, 0.95])
    return f" {f'{low:.2f} to {high:.2f}':>17} {middle:>7.2f} {correlation(ratios, human):>11.2f}"


def fusion_row(seen: Sequence[Seen]) -> str:
    """Return the line of the fusion's own ratios."""
    joined = [torch.cat([getattr(s, name) for s in seen]) for name in ("fusion_ratio", "human")]
    return spread(*(values.numpy() for values in joined))


def row(seen: Sequence[Seen], labels: np.ndarray, *, human: np.ndarray, truth: np.ndarray) -> str:
    """Return one line of the table.

    Args:
        seen: the inputs of the rule at every step of the epoch.
        labels: [N] labels after the epoch, of the utterances that have the stream.
        human: [N] human labels of these utterances.
        truth: [N] true sentiment of the modality in these utterances.
    """
    joined = {
        name: torch.cat([getattr(step, name) for step in seen]).numpy()
        for name in ("human", "ratio", "fusion_ratio", "reaches")
    }
    up = joined["ratio"] < joined["fusion_ratio"]
    signed = joined["human"] != 0
    away = (up == (joined["human"] < 0))[signed].mean()
    return (
        f"{spread(joined['ratio'], joined['human'])} {joined['reaches'].mean():>12.0%} {away:>6.0%}"
        f" {correlation(labels, human):>13.2f} {correlation(labels, truth):>13.2f}"
    )


def measure(config: ExperimentConfig, corpus: Corpus, seed: int) -> None:
    """Train and print the table of one seed."""
    steps: dict[tuple[int, Task], list[Seen]] = {}
    train = corpus.splits[Split.TRAIN]
    print(f"seed {seed}\n{HEADER}")
    with patch.dict(LABEL_GENERATORS, {"sugrm": partial(RecordingLabels, steps)}):
        run = TrainingRun(config, corpus, seed=seed)
    while not run.finished:
        record = run.run_epoch()
        if record.epoch in SHOWN:
            print_epoch(record, train, steps=steps)


def print_epoch(
    record: EpochRecord, train: Utterances, *, steps: dict[tuple[int, Task], list[Seen]]
) -> None:
    """Print the rows of one epoch."""
    # The text is present in every utterance, so its steps hold all of them.
    print(f"{record.epoch:>5} {'fusion':<7}{fusion_row(steps[record.epoch, Task.TEXT])}")
    for task in UNIMODAL_TASKS:
        modality = MODALITY_OF[task]
        here, truth = train.present(modality), train.true_sentiment(modality)
        assert truth is not None
        line = row(
            steps[record.epoch, task],
            record.labels[task][here],
            human=train.labels[here],
            truth=truth[here],
        )
        print(f"{record.epoch:>5} {modality:<7}{line}", flush=True)


def main() -> None:
    """Print the tables of the space's seeds."""
    parser = parser_of(__doc__)
    parser.add_argument("epochs", type=positive, nargs="?", help="default: those of the space")
    epochs = parser.parse_args().epochs
    torch.set_num_threads(1)
    space = load_space(SPACE)
    config = space.experiment_of()
    if epochs is not None:
        config = space.experiment_of({"training.max_epochs": epochs})
    corpus = load_corpus(space.data, config.alignment)
    print("ratio: D_p / D_n of the features; with human: its correlation with the human label")
    print("away: labels that move against the sign of the human label, of those that are not 0")
    for seed in space.seeds:
        measure(config, corpus, seed)


if __name__ == "__main__":
    main()
