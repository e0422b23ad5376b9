"""Print the generated labels of a run by epoch, for single utterances and as shares of signs.

Run: ``python benchmarks/utterance_labels.py runs/NAME ID [ID ...]``; it prints a table for each
trial that generated labels. The last three columns are shares: of the training utterances whose
human label is not 0, those whose generated label has the opposite sign.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.measuring.command_line import parser_of
from reports import Results, load_results
from reports.ledger.schema import TRAIN, UNIMODAL_TASKS
from reports.ledger.trials import Trial

Labels = Mapping[str, np.ndarray]
"""Task letter -> [N] labels."""
Epochs = Mapping[int, Labels]
Utterances = Mapping[str, tuple[int, float]]
"""Id -> (position, human label)."""


def training_split(results: Results, trial: Trial) -> dict[str, tuple[int, float]]:
    """Return id -> (position, human label) of the training utterances of a trial."""
    corpus = {name: trial.column(name) for name in ("data_fingerprint", "alignment")}
    return {
        row["id"]: (row["position"], row["label"])
        for row in results.utterances().to_pylist()
        if row["split"] == TRAIN and all(row[name] == corpus[name] for name in corpus)
    }


def labels_by_epoch(results: Results, trial: Trial) -> dict[int, Labels]:
    """Return epoch -> task letter -> [N] labels of a trial."""
    found: dict[int, dict[str, np.ndarray]] = {}
    for row in results.labels({trial.key}).to_pylist():
        found.setdefault(row["epoch"], {})[row["task"]] = np.array(row["labels"])
    return dict(sorted(found.items()))


def line(labels: Labels, positions: Sequence[int], human: np.ndarray) -> str:
    """Return a row: labels T/A/V at some positions, and the shares of opposite signs."""
    single = [
        "/".join(f"{labels[task][p]:.1f}" for task in UNIMODAL_TASKS if task in labels)
        for p in positions
    ]
    signed = human != 0
    opposite = [
        f"{(labels[task] * human < 0)[signed].mean():.0%}" if task in labels else "-"
        for task in UNIMODAL_TASKS
    ]
    return "".join(f"{text:>20}" for text in single) + "".join(f"{text:>6}" for text in opposite)


def print_table(trial: Trial, ids: Sequence[str], *, split: Utterances, epochs: Epochs) -> None:
    """Print the labels of one trial by epoch."""
    human = np.empty(len(split))
    for position, label in split.values():
        human[position] = label
    generator = json.loads(trial.config)["objective"]["labels"]["name"]
    print(f"labels of {generator}, seed {trial.seed}, best epoch on validation {trial.best_epoch}")
    names = "".join(f"{name:>20}" for name in ids)
    print("epoch" + names + "".join(f"{task:>6}" for task in UNIMODAL_TASKS))
    print("human" + "".join(f"{split[name][1]:>20.1f}" for name in ids))
    for epoch, labels in epochs.items():
        print(f"{epoch:>5}{line(labels, [split[name][0] for name in ids], human)}")


def main() -> None:
    """Print the tables of a run."""
    parser = parser_of(__doc__)
    parser.add_argument("folder", type=Path, help="folder of the run")
    parser.add_argument("ids", nargs="+", metavar="ID", help="id of a training utterance")
    options = parser.parse_args()
    if not options.folder.is_dir():
        parser.error(f"there is no folder {options.folder}; expected that of a run")
    ids, results = options.ids, load_results(options.folder)
    for trial in results.trials.values():
        epochs = labels_by_epoch(results, trial)
        if not epochs:
            continue
        split = training_split(results, trial)
        if unknown := [name for name in ids if name not in split]:
            parser.error(f"no training utterance is called {', '.join(unknown)}")
        print_table(trial, ids, split=split, epochs=epochs)


if __name__ == "__main__":
    main()
