"""Presets of TFN.

``tfn`` holds the paper's values (Zadeh et al. 2017), whose corpus is MOSI: widths 128, 32 and 32,
two layers of 128 after the fusion, dropout 0.15 and an L2 coefficient of 0.01 in the audio and
vision subnetworks, Adam at 5e-4, squared error. The coefficient is read as Adam's weight decay, a
gradient of 0.01 w. Batch size and patience are MMSA's. ``tfn_mosei`` holds MMSA's values for MOSEI
(thuiar/MMSA, config/config_regression.json), absolute error among them, but for a dropout in the
text subnetwork, which has none here.
"""

from sugrm.config.presets.options import Options

TFN: Options = {
    "model": {
        "name": "tfn",
        "text_width": 128,
        "audio_width": 32,
        "vision_width": 32,
        "width": 128,
        "dropout": 0.15,
        "fusion_dropout": 0.0,
        "output": "sigmoid",
    },
    "objective": {"loss": "l2"},
    "training": {
        "batch_size": 32,
        "optimiser": "adam",
        "learning_rate": {"others": 5e-4},
        "weight_decay": {"audio": 1e-2, "vision": 1e-2},
        "patience": 8,
        "monitor": "valid/loss",
    },
}

TFN_MOSEI: Options = {
    "model": {
        "name": "tfn",
        "text_width": 128,
        "audio_width": 16,
        "vision_width": 128,
        "width": 16,
        "dropout": 0.4,
        "fusion_dropout": 0.4,
        "output": "sigmoid",
    },
    "objective": {"loss": "l1"},
    "training": {
        "batch_size": 128,
        "optimiser": "adam",
        "learning_rate": {"others": 5e-3},
        "patience": 8,
        "monitor": "valid/loss",
    },
}
