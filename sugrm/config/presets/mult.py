"""Presets of MulT.

Source: Tsai et al., ACL 2019, Table 5 (appendix), its columns CMU-MOSI and CMU-MOSEI. The released
code shows what its names stand for: "textual embedding dropout" is on the text features and on the
embedded inputs of every stack, "crossmodal attention block dropout" on attention weights, ReLU and
residuals, but not on the weights of the stacks that read audio or vision, where it is 0. Of the
text kernel, "1 or 3", 1 is taken. No early stopping: the best epoch of all is kept.

Beyond the authors: the rate of a fine-tuned text encoder, where they have GloVe. Left out: the
rate falls to a tenth after 20 epochs without a better validation loss.
"""

from sugrm.config.presets.options import Options

_RATES = {"text": 5e-5, "audio": None, "vision": None, "encoder": None, "others": 1e-3}
_DECAY = {"text": 0.0, "audio": None, "vision": None, "encoder": 0.0, "others": 0.0}
_SHAPE = {
    "name": "mult",
    "width": 40,
    "layers": 4,
    "self_layers": None,
    "kernel_sizes": {"text": 1, "audio": 3, "vision": 3},
    "future_mask": True,
    "audio_attention_dropout": 0.0,
    "vision_attention_dropout": 0.0,
    "output_dropout": 0.1,
}

MULT: Options = {
    "model": {
        **_SHAPE,
        "heads": 10,
        "text_dropout": 0.2,
        "embedding_dropout": 0.2,
        "attention_dropout": 0.2,
        "relu_dropout": 0.2,
        "residual_dropout": 0.2,
    },
    "objective": {"loss": "l1"},
    "training": {
        "batch_size": 128,
        "optimiser": "adam",
        "learning_rate": _RATES,
        "weight_decay": _DECAY,
        "gradient_clip": 0.8,
        "max_epochs": 100,
        "patience": 100,
        "monitor": "valid/loss",
    },
}

MULT_MOSEI: Options = {
    "model": {
        **_SHAPE,
        "heads": 8,
        "text_dropout": 0.3,
        "embedding_dropout": 0.3,
        "attention_dropout": 0.1,
        "relu_dropout": 0.1,
        "residual_dropout": 0.1,
    },
    "objective": {"loss": "l1"},
    "training": {
        "batch_size": 16,
        "optimiser": "adam",
        "learning_rate": _RATES,
        "weight_decay": _DECAY,
        "gradient_clip": 1.0,
        "max_epochs": 20,
        "patience": 20,
        "monitor": "valid/loss",
    },
}
