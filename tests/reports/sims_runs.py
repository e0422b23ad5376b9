"""A made-up run on CH-SIMS: its metrics, predictions, and human labels of each modality."""

import numpy as np

from tests.reports.ledger_builder import SPACE, LedgerBuilder

SIMS_SPACE = {
    **SPACE,
    "name": "sims",
    "data": {"dataset": "sims", "unaligned": "sims.pkl"},
    "ablations": {"modules": {"baseline": {}, "LSTM": {"model.encoder.name": "lstm"}}},
    "confirm": {"top": 1, "seeds": [1, 2, 3, 4, 5]},
    "seeds": [1, 2, 3, 4, 5],
}
TASKS = "TAV"


def utterances(builder, count=40, seed=0, *, split="train"):
    """Add utterances with labels in fifths; the label of each modality differs from the whole's."""
    generator = np.random.default_rng(seed)
    whole = generator.integers(-5, 6, count)
    own = {task: np.clip(whole + generator.integers(-2, 3, count), -5, 5) for task in TASKS}
    builder.rows["utterances"] += [
        {
            "data_fingerprint": "d0d0",
            "alignment": "unaligned",
            "split": split,
            "position": place,
            "id": f"{split}{place:03}",
            "text": f"text {place}",
            "label": whole[place] / 5,
            **{f"label_{task}": own[task][place] / 5 for task in TASKS},
        }
        for place in range(count)
    ]
    return whole / 5, {task: values / 5 for task, values in own.items()}


def generated(builder, key, labels):
    """Add generated labels: epoch -> task -> values."""
    builder.rows["labels"] += [
        {"key": key, "epoch": epoch, "task": task, "labels": list(map(float, values))}
        for epoch, tasks in labels.items()
        for task, values in tasks.items()
    ]


def predicted(builder, key, seed, count=40):
    """Add test predictions, some beyond the range of labels."""
    generator = np.random.default_rng(seed)
    labels = np.random.default_rng(99).integers(-5, 6, count) / 5
    values = labels + generator.normal(0, 0.5, count)
    builder.rows["predictions"] += [
        {"key": key, "split": "test", "id": f"test{n:03}", "label": label, "prediction_M": value}
        for n, (label, value) in enumerate(zip(labels, values, strict=True))
    ]


def sims_rows(folder, seeds=(1, 2, 3, 4, 5)):
    """Return a builder with a search, a confirmed configuration and two cells over ``seeds``.

    Generated labels start as the multimodal one and move towards the text's human label, and away
    from the vision's; the second of three epochs is the best.
    """
    builder = LedgerBuilder(folder, "sims")
    whole, own = utterances(builder)
    for number, mae in enumerate((0.5, 0.6, 0.7, 0.55)):
        builder.searched(number, mae, changes={"training.batch_size": 16 * (1 + number % 2)})
    cells = {"baseline": (0.5, {}), "LSTM": (0.6, {"model.encoder.name": "lstm"})}
    for seed in seeds:
        builder.confirmed("s0", 0, seed, 0.5 + 0.01 * seed, 0.52 + 0.01 * seed, best_epoch=2)
        for name, (mae, changes) in cells.items():
            builder.cell(name, seed, mae + 0.01 * seed, best_epoch=2, changes=changes)
    for trial in builder.rows["trials"]:
        if trial["key"].startswith("s"):
            continue
        noise = np.random.default_rng(trial["seed"])
        generated(builder, trial["key"], {
            1: dict.fromkeys(TASKS, whole),
            2: {
                "T": 0.3 * whole + 0.7 * own["T"] + noise.normal(0, 0.05, len(whole)),
                "A": whole + noise.normal(0, 0.1, len(whole)),
                "V": 0.4 * whole + noise.normal(0, 0.3, len(whole)),
            },
            3: dict.fromkeys(TASKS, 0.5 * whole),
        })  # fmt: skip
        predicted(builder, trial["key"], trial["seed"])
        builder.rows["epochs"] += [
            {
                "key": trial["key"],
                "epoch": epoch,
                "valid_mae": 0.5,
                **{f"label_truth_{task}": 0.8 - 0.1 * epoch for task in TASKS},
                **{f"human_truth_{task}": 0.8 for task in TASKS},
            }
            for epoch in (1, 2, 3)
        ]
    return builder


def sims_run(folder, **values):
    """Write the run of ``sims_rows``; return its folder."""
    return sims_rows(folder, **values).write(SIMS_SPACE)
