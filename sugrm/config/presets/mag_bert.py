"""Preset of MAG-BERT: the defaults of the released ``multimodal_driver.py``, for either corpus.

The released code has no early stopping: it trains all 40 epochs. Its dropout before the output is
that of BERT's configuration. The injection layer is that of the released ``bert.py``.
"""

from sugrm.config.presets.options import Options

MAG_BERT: Options = {
    "alignment": "aligned",
    "model": {
        "name": "mag_bert",
        "layer": 0,
        "beta": 1.0,
        "gate_dropout": 0.5,
        "output_dropout": 0.1,
    },
    "objective": {"loss": "l2"},
    "training": {
        "batch_size": 48,
        "optimiser": "adamw",
        "learning_rate": {"text": 1e-5, "others": 1e-5},
        "schedule": "linear",
        "warmup": 0.1,
        "weight_decay": {"text": 1e-2, "others": 1e-2},
        "gradient_clip": None,
        "max_epochs": 40,
        "patience": 40,
        "monitor": "valid/loss",
    },
}
