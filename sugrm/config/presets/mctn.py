"""Preset of MCTN: the hierarchical configuration of its authors' released code.

From ``configs/hierarchical_mctn.yaml``, ``utils/args.py`` and the readme. The order of the targets
is the readme's, vision first; ``args.py`` has audio first by default. Theirs is an L2 penalty
of 0.01 w^2 on the weights of the output layer alone, whose gradient is 0.02 w: that layer is all
that is not in the group ``encoder``. They train on GloVe vectors, so the rate of the text encoder
is not theirs.
"""

from sugrm.config.presets.options import Options

MCTN: Options = {
    "model": {
        "name": "mctn",
        "modalities": ["text", "vision", "audio"],
        "width": 32,
        "head_width": 32,
    },
    "objective": {
        "loss": "l1",
        "translation_weights": {"forward": 0.1, "backward": 0.1, "second_level": 0.1},
    },
    "training": {
        "batch_size": 32,
        "optimiser": "adam",
        "learning_rate": {"others": 1e-4},
        "weight_decay": {"encoder": 0.0, "others": 0.02},
        "max_epochs": 200,
        "patience": 20,
        "monitor": "valid/loss",
    },
}
