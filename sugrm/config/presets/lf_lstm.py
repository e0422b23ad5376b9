"""Presets of LF-LSTM: the values of MMSA's LF-DNN (thuiar/MMSA, config/config_regression.json).

No publication gives values for LF-LSTM itself. LF-DNN is the nearest: late fusion with an LSTM for
the text and layers over the means of audio and vision; its hidden widths serve the three LSTMs,
its post-fusion width the head. The rate and the decay are for all but the text encoder.
"""

from sugrm.config.presets.options import Options

LF_LSTM: Options = {
    "model": {
        "name": "lf_lstm",
        "text_width": 128,
        "audio_width": 16,
        "vision_width": 128,
        "width": 128,
        "dropout": 0.2,
    },
    "objective": {"loss": "l1"},
    "training": {
        "batch_size": 128,
        "optimiser": "adam",
        "learning_rate": {"others": 1e-3},
        "weight_decay": {"encoder": 1e-2, "others": 1e-2},
        "patience": 8,
        "monitor": "valid/loss",
    },
}

LF_LSTM_MOSEI: Options = {
    "model": {
        "name": "lf_lstm",
        "text_width": 128,
        "audio_width": 32,
        "vision_width": 128,
        "width": 128,
        "dropout": 0.2,
    },
    "objective": {"loss": "l1"},
    "training": {
        "batch_size": 64,
        "optimiser": "adam",
        "learning_rate": {"others": 2e-3},
        "weight_decay": {"encoder": 1e-3, "others": 1e-3},
        "patience": 8,
        "monitor": "valid/loss",
    },
}
