"""Write tests/golden/spt_phase.json: the hidden sequences of the released SPT with its phase on.

    git clone https://github.com/skystarhyw/SUGRM
    git -C SUGRM checkout 04e6ebc4bdace0d187b6863683d66b7609091024
    python tests/golden/record_spt_phase.py SUGRM

Runs the released encoder itself, in evaluation mode on the CPU, with the shift list spelled as
a list (``['S', 'P']``, where its configuration has the one string ``'S,P,R'``). The random part
``R`` is left out: it is 0 at stride 5 but for vision, whose length the released code divides by
the text's hidden length. Weights and frames follow a formula, so that they need not be stored.
The checkout needs einops to be imported.
"""

import base64
import importlib
import json
import sys
from pathlib import Path

import numpy as np
import torch

RECORD = Path(__file__).with_name("spt_phase.json")
WIDTH, HEADS, LAYERS = 8, 2, 3
WIDTHS = {"t": 6, "a": 4, "v": 5}
FRAMES = {"t": 50, "a": 375, "v": 500}
UTTERANCES = 2
PROVENANCE = {
    "source": "github.com/skystarhyw/SUGRM at 04e6ebc4bdace0d187b6863683d66b7609091024,"
    " models/subNets/spt/sp_transformer.py: SPEncoder, shift_mode I=['S', 'P'], float32",
    "command": "python tests/golden/record_spt_phase.py SUGRM",
    "weights": "released_weights of the script, over the names in alphabetical order",
    "frames": "formula_values of the script, with the salts -1 (t), -2 (a) and -3 (v)",
}


def formula_values(shape: tuple[int, ...], salt: int) -> torch.Tensor:
    """Return numbers between -1 and 1 without a pattern, the same on every machine."""
    place = np.arange(int(np.prod(shape)), dtype=np.float64)
    values = np.sin(0.37 * place * place + 1.7 * place + 2.3 * salt)
    return torch.from_numpy(values.astype(np.float32)).reshape(shape)


def released_weights(shapes: dict[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
    """Return a weight for each name: the gains of norms around 1, everything else around 0."""
    return {
        name: 0.4 * formula_values(shapes[name], salt)
        + (1.0 if "layer_norm" in name and name.endswith("weight") else 0.0)
        for salt, name in enumerate(sorted(shapes))
    }


def frames() -> dict[str, torch.Tensor]:
    """Return [2, T, D] frames of text (t), audio (a) and vision (v)."""
    return {
        letter: formula_values((UTTERANCES, FRAMES[letter], WIDTHS[letter]), -1 - number)
        for number, letter in enumerate(WIDTHS)
    }


def read_record() -> dict[str, torch.Tensor]:
    """Return the committed [2, L, WIDTH] hidden sequences by letter."""
    return {
        letter: torch.from_numpy(
            np.frombuffer(base64.b64decode(entry["data"]), dtype="<f4")
            .reshape(entry["shape"])
            .copy()
        )
        for letter, entry in json.loads(RECORD.read_text())["hidden"].items()
    }


def released_encoder(checkout: Path) -> torch.nn.Module:
    """Return the released encoder with the weights of ``released_weights``."""
    sys.path.insert(0, str(checkout))
    module = importlib.import_module("models.subNets.spt.sp_transformer")
    mode = {"I": ["S", "P"], "X": ["S"], "S": ["S"], "C": [1, 0.25, 0.05]}
    encoder = module.SPEncoder(
        WIDTHS, WIDTH, HEADS, LAYERS, S=5, r=[8, 4, 3], shift_mode=mode, device="cpu"
    )
    shapes = {
        name: tuple(weight.shape)
        for name, weight in encoder.state_dict().items()
        if not name.startswith("embed_positions.")
    }
    encoder.load_state_dict(released_weights(shapes), strict=False)
    return encoder.eval()


def released_sequences(checkout: Path) -> dict[str, torch.Tensor]:
    """Return the [2, L, WIDTH] hidden sequences of the released encoder by letter."""
    given, encoder = frames(), released_encoder(checkout)
    # One utterance at a time: with more, the released positions need an older torch.
    with torch.no_grad():
        alone = [
            encoder(*(given[letter][row : row + 1] for letter in "atv"))
            for row in range(UTTERANCES)
        ]
    return {
        letter: torch.cat(rows, dim=1).transpose(0, 1).contiguous()
        for letter, rows in zip("atv", zip(*alone, strict=True), strict=True)
    }


def write_record(checkout: Path) -> None:
    """Write the committed file."""
    hidden = {
        letter: {
            "shape": sequence.shape,
            "data": base64.b64encode(sequence.numpy().astype("<f4").tobytes()).decode(),
        }
        for letter, sequence in released_sequences(checkout).items()
    }
    document = {"provenance": PROVENANCE, "tolerance": 1e-5, "hidden": hidden}
    RECORD.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    write_record(Path(sys.argv[1]))
