"""Preset of RAVEN: the constants of its authors' released code (``consts.py``, ``main.py``).

They train on GloVe vectors, so the rate of the text encoder is not theirs. They train for 500
epochs without early stopping and keep the epoch with the least validation MAE; so the patience is
all epochs.
"""

from sugrm.config.presets.options import Options

RAVEN: Options = {
    "model": {
        "name": "raven",
        "frame_width": 150,
        "nonverbal_width": 150,
        "width": 300,
        "depth": 1,
        "shift_bound": 0.2,
        "dropout": 0.2,
    },
    "objective": {"loss": "l2"},
    "training": {
        "batch_size": 20,
        "optimiser": "adam",
        "learning_rate": {"others": 1e-3},
        "max_epochs": 500,
        "patience": 500,
        "monitor": "valid/mae",
    },
}
