"""Presets of SUGRM.

``mosi`` and ``mosei`` are the columns of Table 7. ``paper`` and ``released`` choose each side of
every difference between the paper and its released code (docs/departures.md). The decay of
the other weights differs by corpus and by side: the corpus presets hold the released values, and
``paper`` sets it to 0.
"""

from sugrm.config.presets.options import Options

MOSI: Options = {
    "model": {
        "width": 32,
        "output_dropout": 0.3,
        "encoder": {
            "name": "spt",
            "layers": 4,
            "heads": 8,
            "attention_dropout": 0.3,
            "relu_dropout": 0.3,
            "residual_dropout": 0.3,
            "embedding_dropout": 0.3,
        },
    },
    "training": {
        "batch_size": 32,
        "optimiser": "adam",
        "learning_rate": {"text": 5e-5, "others": 1e-2},
        "weight_decay": {"others": 1e-3},
    },
}

MOSEI: Options = {
    "model": {
        "width": 32,
        "output_dropout": 0.1,
        "encoder": {
            "name": "spt",
            "layers": 4,
            "heads": 4,
            "attention_dropout": 0.1,
            "relu_dropout": 0.1,
            "residual_dropout": 0.1,
            "embedding_dropout": 0.2,
        },
    },
    "training": {
        "batch_size": 32,
        "optimiser": "adam",
        "learning_rate": {"text": 5e-5, "others": 1e-3},
        "weight_decay": {"others": 1e-2},
    },
}

PAPER: Options = {
    "model": {
        "head": "one_layer",
        "lengths": "true",
        "projection": "none",
        "encoder": {"phase": "intended", "positions": "frame"},
    },
    "objective": {
        "weight_floor": 0.0,
        "labels": {
            "name": "sugrm",
            "clamp": None,
            "zero_is_positive": False,
            "extremes": "equal",
        },
    },
    "training": {
        "accumulation": 1,
        "incomplete_group": "step",
        "learning_rate": {"encoder": None},
        "weight_decay": {"text": 0.0, "encoder": 0.0, "others": 0.0},
        "patience": 8,
        "monitor": "valid/loss",
    },
}

RELEASED: Options = {
    "model": {
        "head": "two_layer",
        "lengths": "ignored",
        "projection": "none",
        "encoder": {"phase": "off", "positions": "nonzero", "attention_dropout": 0.0},
    },
    "objective": {
        "weight_floor": 0.0,
        "labels": {
            "name": "sugrm",
            "clamp": 3.0,
            "zero_is_positive": True,
            "extremes": "shuffle",
        },
    },
    "training": {
        "accumulation": 4,
        "incomplete_group": "drop",
        "learning_rate": {"encoder": 5e-4},
        "weight_decay": {"text": 1e-3, "encoder": 1e-3},
        "patience": 8,
        "monitor": "valid/loss",
    },
}
