"""Names and shapes of the weights in a checkpoint of the paper's released code."""

from collections.abc import Mapping

from sugrm.types import Modality

_EXCITE = {Modality.TEXT: "wl", Modality.AUDIO: "wa", Modality.VISION: "wv"}


def released_shapes(widths: Mapping[Modality, int], width: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of each weight, without the text encoder's and the prefix ``Model.``.

    Args:
        widths: D of each stream's frames.
        width: D of the hidden sequences.
    """
    linears = {**_recalibration(widths), **_heads(width)}
    shapes: dict[str, tuple[int, ...]] = {}
    for name, shape in linears.items():
        shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
    return shapes | released_encoder_shapes(widths, width)


def released_encoder_shapes(
    widths: Mapping[Modality, int], width: int
) -> dict[str, tuple[int, ...]]:
    """Return the shape of each weight of the sparse phased transformer alone (``spe.*``)."""
    blocks = [("hiddenlayer", m[0], widths[m]) for m in widths]
    blocks += [("selflayer", m[0], width) for m in widths]
    blocks += [("crosslayer", pair, width) for pair in ("at", "tv", "va")]
    shapes: dict[str, tuple[int, ...]] = {
        "spe.init_hiddens": (3, width),
        "spe.layer_norm.weight": (width,),
        "spe.layer_norm.bias": (width,),
    }
    for layer, letters, keys in blocks:
        attention, forward = f"spe.{layer}.mha_{letters}", f"spe.{layer}.ffn_{letters}"
        shapes[f"{attention}.attn.in_proj_weight"] = (width + 2 * keys, width)
        shapes[f"{attention}.attn.in_proj_bias"] = (3 * width,)
        linears = {
            f"{attention}.attn.out_proj": (width, width),
            f"{forward}.fc1": (4 * width, width),
            f"{forward}.fc2": (width, 4 * width),
        }
        norms = {
            f"{attention}.layer_norm": width,
            f"{attention}.layer_norm_kv": keys,
            f"{forward}.layer_norm": width,
        }
        for name, shape in linears.items():
            shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
        for name, size in norms.items():
            shapes |= {f"{name}.weight": (size,), f"{name}.bias": (size,)}
    return shapes


def _recalibration(widths: Mapping[Modality, int]) -> dict[str, tuple[int, int]]:
    total = sum(widths.values())
    excite = {f"se_model.{name}": (widths[m], total // 4) for m, name in _EXCITE.items()}
    return {"se_model.wg": (total // 4, total), **excite}


def _heads(width: int) -> dict[str, tuple[int, int]]:
    shapes = {}
    for letter, fused in zip("ftav", (3, 1, 1, 1), strict=True):
        shapes[f"proj1_{letter}"] = (width, fused * width)
        shapes[f"proj2_{letter}"] = (width, width)
        shapes[f"out_layer_{letter}"] = (1, width)
    return shapes
