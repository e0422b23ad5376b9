"""Presets of Self-MM: the settings of its authors for MOSI, MOSEI and CH-SIMS.

Source: github.com/thuiar/Self-MM, config/config_regression.py. Its trainer knows three groups of
encoders and puts all other weights into a fourth; so ``encoder``, a sequence encoder in place of
Self-MM's own, takes the rate and the decay of ``others``. Label 0 counts to neither centre, as in
the authors' later MMSA; the trainer of that repository has the option too, and its settings leave
it out. The settings for CH-SIMS are those of MMSA (github.com/thuiar/MMSA,
config/config_regression.json), with its text encoder. Its H of 1 is ``bound: 3``, since 3 is
the largest label of any dataset.
"""

from sugrm.config.presets.options import Options

_LABELS: Options = {"name": "self_mm", "bound": 3.0, "exclude_zero": True, "first_epoch": 2}
_TRAINING: Options = {
    "batch_size": 32,
    "accumulation": 4,
    "incomplete_group": "drop",
    "optimiser": "adam",
    "gradient_clip": None,
    "patience": 8,
    "monitor": "valid/loss",
}

SELF_MM: Options = {
    "model": {
        "name": "self_mm",
        "recalibration": "none",
        "encoder": {
            "name": "lstm",
            "audio_hidden": 32,
            "vision_hidden": 64,
            "audio_out": 16,
            "vision_out": 32,
            "audio_dropout": 0.0,
            "vision_dropout": 0.0,
        },
        "fusion_width": 128,
        "text_width": 64,
        "audio_width": 16,
        "vision_width": 32,
        "fusion_dropout": 0.1,
        "text_dropout": 0.0,
        "audio_dropout": 0.1,
        "vision_dropout": 0.1,
    },
    "objective": {"loss": "l1", "weight_floor": 0.0, "labels": _LABELS},
    "training": {
        **_TRAINING,
        "learning_rate": {
            "text": 5e-5,
            "audio": 1e-3,
            "vision": 1e-4,
            "encoder": None,
            "others": 1e-3,
        },
        "weight_decay": {
            "text": 1e-3,
            "audio": 1e-2,
            "vision": 1e-3,
            "encoder": 1e-3,
            "others": 1e-3,
        },
    },
}

SELF_MM_MOSEI: Options = {
    "model": {
        "name": "self_mm",
        "recalibration": "none",
        "encoder": {
            "name": "lstm",
            "audio_hidden": 32,
            "vision_hidden": 32,
            "audio_out": 16,
            "vision_out": 32,
            "audio_dropout": 0.0,
            "vision_dropout": 0.0,
        },
        "fusion_width": 128,
        "text_width": 32,
        "audio_width": 16,
        "vision_width": 16,
        "fusion_dropout": 0.0,
        "text_dropout": 0.1,
        "audio_dropout": 0.0,
        "vision_dropout": 0.1,
    },
    "objective": {"loss": "l1", "weight_floor": 0.0, "labels": _LABELS},
    "training": {
        **_TRAINING,
        "learning_rate": {
            "text": 5e-5,
            "audio": 5e-3,
            "vision": 1e-4,
            "encoder": None,
            "others": 1e-3,
        },
        "weight_decay": {
            "text": 1e-3,
            "audio": 0.0,
            "vision": 0.0,
            "encoder": 1e-2,
            "others": 1e-2,
        },
    },
}

SELF_MM_SIMS: Options = {
    "model": {
        "name": "self_mm",
        "text": {"name": "bert-base-chinese"},
        "recalibration": "none",
        "encoder": {
            "name": "lstm",
            "audio_hidden": 16,
            "vision_hidden": 64,
            "audio_out": 16,
            "vision_out": 32,
            "audio_dropout": 0.0,
            "vision_dropout": 0.0,
        },
        "fusion_width": 128,
        "text_width": 64,
        "audio_width": 16,
        "vision_width": 32,
        "fusion_dropout": 0.0,
        "text_dropout": 0.1,
        "audio_dropout": 0.1,
        "vision_dropout": 0.0,
    },
    "objective": {"loss": "l1", "weight_floor": 0.0, "labels": _LABELS},
    "training": {
        **_TRAINING,
        "learning_rate": {
            "text": 5e-5,
            "audio": 5e-3,
            "vision": 5e-3,
            "encoder": None,
            "others": 1e-3,
        },
        "weight_decay": {
            "text": 1e-3,
            "audio": 1e-2,
            "vision": 1e-2,
            "encoder": 1e-3,
            "others": 1e-3,
        },
    },
}
