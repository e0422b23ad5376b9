"""Write tests/golden/self_mm.json: label steps of Self-MM's released trainer, at small sizes.

    git clone https://github.com/thuiar/Self-MM
    git -C Self-MM checkout 1786283c81eeb507f317fa1c70a3faf77e67cee0
    python tests/golden/record_self_mm.py Self-MM

Runs the released class itself on random features for three epochs, in both settings of label 0.
The checkout needs tqdm and scikit-learn to be imported.
"""

import importlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

RECORD = Path(__file__).with_name("self_mm.json")
WIDTHS = {"fusion": 5, "text": 4, "audio": 3, "vision": 2}
HUMAN = [3.0, -3.0, 0.0, 0.6, -0.6, 1.4, -2.2, 0.0, 2.6, -1.0, 0.2, -0.2]
EPOCHS, BATCH = 3, 5
PROVENANCE = {
    "source": "github.com/thuiar/Self-MM at 1786283c81eeb507f317fa1c70a3faf77e67cee0,"
    " trains/multiTask/SELF_MM.py: update_labels (from epoch 2 on), update_features and"
    " update_centers, called for each batch in the order of do_train, float32",
    "command": "python tests/golden/record_self_mm.py Self-MM",
    "features": "normal numbers of numpy.random.default_rng(0), rounded to three places",
}


def read_record() -> dict:
    """Return the committed numbers."""
    return json.loads(RECORD.read_text())


def drawn_steps() -> list[dict]:
    """Return the batches: each epoch goes once through all rows, in another order."""
    random = np.random.default_rng(0)
    steps = []
    for epoch in range(1, EPOCHS + 1):
        order = random.permutation(len(HUMAN))
        for start in range(0, len(order), BATCH):
            index = order[start : start + BATCH]
            features = {
                name: random.normal(size=(len(index), width)).round(3).tolist()
                for name, width in WIDTHS.items()
            }
            steps.append({"epoch": epoch, "index": index.tolist(), "features": features})
    return steps


def released_labels(trainer_class: type, steps: list[dict], *, exclude_zero: bool) -> list[dict]:
    """Return the released trainer's labels after each step."""
    widths = {f"post_{name}_dim": width for name, width in WIDTHS.items()}
    options = SimpleNamespace(
        train_mode="regression",
        datasetName="mosi",
        device="cpu",
        train_samples=len(HUMAN),
        post_video_dim=widths.pop("post_vision_dim"),
        excludeZero=exclude_zero,
        H=3.0,
        **widths,
    )
    trainer = trainer_class(options)
    trainer.init_labels(torch.arange(len(HUMAN)), torch.tensor(HUMAN))
    after = []
    for step in steps:
        features = [torch.tensor(step["features"][name]) for name in WIDTHS]
        index = torch.tensor(step["index"])
        if step["epoch"] > 1:
            trainer.update_labels(*features, step["epoch"], index, None)
        trainer.update_features(*features, index)
        trainer.update_centers()
        after.append({name: labels.tolist() for name, labels in trainer.label_map.items()})
    return after


def write_record(checkout: str) -> None:
    """Write the committed file."""
    sys.path.insert(0, checkout)
    trainer_class = importlib.import_module("trains.multiTask.SELF_MM").SELF_MM
    steps = drawn_steps()
    document = {
        "provenance": PROVENANCE,
        "tolerance": 1e-5,
        "human": HUMAN,
        "steps": steps,
        "labels_after": {
            "zero excluded": released_labels(trainer_class, steps, exclude_zero=True),
            "zero positive": released_labels(trainer_class, steps, exclude_zero=False),
        },
    }
    RECORD.write_text(json.dumps(document, indent=None).replace('}, {"', '},\n {"') + "\n")


if __name__ == "__main__":
    write_record(sys.argv[1])
