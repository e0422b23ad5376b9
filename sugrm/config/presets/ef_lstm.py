"""Presets of EF-LSTM: the values of MMSA (thuiar/MMSA, config/config_regression.json).

Neither the papers that report the baseline on MOSI and MOSEI (Tsai et al. 2019, Table 1 and 2)
nor their released code give theirs. The rate and the decay are for all but the text encoder,
which MMSA does not train here.
"""

from sugrm.config.presets.options import Options

EF_LSTM: Options = {
    "model": {"name": "ef_lstm", "width": 128, "depth": 4, "dropout": 0.5},
    "objective": {"loss": "l1"},
    "training": {
        "batch_size": 32,
        "optimiser": "adam",
        "learning_rate": {"others": 1e-3},
        "weight_decay": {"encoder": 5e-3, "others": 5e-3},
        "patience": 8,
        "monitor": "valid/loss",
    },
}

EF_LSTM_MOSEI: Options = {
    "model": {"name": "ef_lstm", "width": 256, "depth": 2, "dropout": 0.4},
    "objective": {"loss": "l1"},
    "training": {
        "batch_size": 128,
        "optimiser": "adam",
        "learning_rate": {"others": 5e-3},
        "weight_decay": {"encoder": 1e-4, "others": 1e-4},
        "patience": 8,
        "monitor": "valid/loss",
    },
}
