"""Presets of EF-LSTM.

The papers that report it on MOSI and MOSEI (Tsai et al. 2019, Tables 1 and 2) give no values.
``ef_lstm`` holds those of the code that Zadeh et al. 2018 released for MFN, where EF-LSTM is the
baseline on MOSI (pliang279/MFN, test_mosi.py: 100 epochs, the best one kept); the patience is ours.
``ef_lstm_mosei`` holds MMSA's (thuiar/MMSA, config/config_regression.json). Its values for MOSI,
four layers at a rate of 1e-3 under a decay of 5e-3, shrink the network to a constant: on frozen
MiniLM states the validation MAE stays at 1.42 for 12 epochs, while without the decay it falls to
0.86. Rate and decay are for all but the text encoder, which neither source trains.
"""

from sugrm.config.presets.options import Options

EF_LSTM: Options = {
    "model": {"name": "ef_lstm", "width": 128, "depth": 1, "dropout": 0.5},
    "objective": {"loss": "l1"},
    "training": {
        "batch_size": 32,
        "optimiser": "adam",
        "learning_rate": {"others": 1e-2},
        "max_epochs": 100,
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
