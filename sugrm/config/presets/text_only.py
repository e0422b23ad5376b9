"""Preset of the text-only system: what fine-tunes a BERT-family encoder well on MOSI."""

from sugrm.config.presets.options import Options

TEXT_ONLY: Options = {
    "model": {"name": "text_only", "width": 32, "output_dropout": 0.1},
    "objective": {"loss": "l1"},
    "training": {
        "batch_size": 32,
        "optimiser": "adamw",
        "learning_rate": {"text": 5e-5, "others": 1e-3},
        "weight_decay": {"text": 1e-2, "others": 1e-2},
        "patience": 8,
        "monitor": "valid/mae",
    },
}
