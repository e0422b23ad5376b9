"""Presets of SPT as a system of its own.

Source: the defaults of the authors' run script (chengjunyan1/SP-Transformer, run.py), which it sets
for unaligned MOSEI. It has no values of MOSI's own, so both presets hold the same. As the
script means them, the phase is on and attention dropout applied; a mistyped list and a lost
argument switch both off there (``encoder.phase: off``, ``encoder.attention_dropout: 0``). No early
stopping: the best epoch of all is kept.

Beyond the authors: the rate of a fine-tuned text encoder, where they have GloVe. Left out: the
rate falls to a tenth after 20 epochs without a better validation loss.
"""

from sugrm.config.presets.options import Options

SPT_MOSEI: Options = {
    "model": {
        "name": "spt",
        "width": 32,
        "output_dropout": 0.1,
        "encoder": {
            "layers": 4,
            "heads": 8,
            "stride": 5,
            "radius": [8, 4, 3],
            "phase": "intended",
            "positions": "frame",
            "attention_dropout": 0.2,
            "relu_dropout": 0.1,
            "residual_dropout": 0.1,
            "embedding_dropout": 0.3,
        },
    },
    "objective": {"loss": "l1"},
    "training": {
        "batch_size": 250,
        "optimiser": "adam",
        "learning_rate": {
            "text": 5e-5,
            "audio": None,
            "vision": None,
            "encoder": None,
            "others": 5e-4,
        },
        "weight_decay": {"text": 0.0, "audio": None, "vision": None, "encoder": 0.0, "others": 0.0},
        "gradient_clip": 1.0,
        "max_epochs": 50,
        "patience": 50,
        "monitor": "valid/loss",
    },
}

SPT: Options = SPT_MOSEI
