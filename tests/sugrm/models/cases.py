"""The systems and variants that the contract test goes through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SMALL_RAVEN = {"frame_width": 8, "nonverbal_width": 8, "width": 8}
SMALL_MCTN = {"width": 8, "head_width": 8}
SMALL_SPT = {"width": 8, "encoder": {"heads": 2, "layers": 2}}


@dataclass(frozen=True)
class Case:
    """A system with options.

    Attributes:
        name: of the system.
        variant: what its options are about.
        alignment: of its input.
        model: options of the model.
        labels: options of its label generation, where not the default.
        without_gradient: ends of the names of parameters that no gradient reaches.
        padding_counts: whether padding changes its numbers, as in released code.
        epochs: after which it beats predicting the mean.
        trains: whether that is tried; False for a variant of one that is.
    """

    name: str
    variant: str = ""
    alignment: str = "unaligned"
    model: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, Any] = field(default_factory=dict)
    without_gradient: tuple[str, ...] = ()
    padding_counts: bool = False
    epochs: int = 8
    trains: bool = True

    def __str__(self) -> str:
        return "-".join(filter(None, (self.name, self.variant, self.alignment)))

    @property
    def options(self) -> dict[str, Any]:
        return {"model": dict(self.model), "objective": {"labels": dict(self.labels)}}


# The bias of a key projection cancels in the softmax, so its gradient is 0 up to rounding.
KEY_BIAS = ("key.bias",)
# With one frame a word a nonverbal LSTM makes one step, from a state of 0.
ONE_STEP = ("_encoder.lstm.weight_hh_l0",)

SMALL_LSTM = {"width": 16, "depth": 2, "dropout": 0.1}
SMALL_STREAMS = {"text_width": 8, "audio_width": 6, "vision_width": 7, "width": 16, "dropout": 0.1}

SMALL_MULT = {"width": 8, "heads": 2, "layers": 2, "self_layers": 2}

SELF_MM = {"name": "self_mm"}
SELF_MM_SPT = {"encoder_width": 8, "encoder": {"name": "spt", "heads": 2, "layers": 2}}
SELF_MM_TRANSFORMER = {
    "encoder_width": 8,
    "encoder": {"name": "transformer", "heads": 2, "layers": 1},
}
ONE_WIDTH = {"fusion_width": 16, "text_width": 16, "audio_width": 16, "vision_width": 16}

SUBSETS = (
    ["text", "audio"],
    ["text", "vision"],
    ["audio", "vision"],
    ["text"],
    ["audio"],
    ["vision"],
)
FEW_SUBSETS = (["text", "vision"], ["audio"])
SUGRM_TRANSFORMER = {"width": 8, "encoder": {"name": "transformer", "heads": 2, "layers": 1}}

SUGRM_LSTM = {"width": 8, "encoder": {"name": "lstm"}}


def _subsets(
    name: str,
    model: Mapping[str, Any],
    *,
    labels: Mapping[str, Any],
    subsets: Sequence[list[str]] = SUBSETS,
) -> list[Case]:
    """Return a case of a system for each of some sets of streams that leave one or two out."""
    return [
        Case(
            name,
            " ".join([str(model.get("encoder", {}).get("name", "")), *streams]).strip(),
            model={**model, "modalities": streams},
            labels=labels,
            without_gradient=KEY_BIAS,
            trains=False,
        )
        for streams in subsets
    ]


CASES = [
    Case("text_only"),
    Case("mag_bert", alignment="aligned", without_gradient=KEY_BIAS),
    Case("mag_bert", "layer 1", "aligned", {"layer": 1}, without_gradient=KEY_BIAS),
    *(
        Case("mag_bert", " ".join(m), "aligned", {"modalities": m}, without_gradient=KEY_BIAS)
        for m in (["text"], ["text", "audio"], ["text", "vision"])
    ),
    Case("raven", model=SMALL_RAVEN, without_gradient=ONE_STEP, alignment="aligned"),
    Case("raven", model=SMALL_RAVEN, without_gradient=ONE_STEP),
    Case(
        "raven",
        "span utterance",
        alignment="aligned",
        model={**SMALL_RAVEN, "nonverbal_span": "utterance"},
    ),
    Case(
        "raven",
        "text and audio",
        model={**SMALL_RAVEN, "modalities": ["text", "audio"]},
        without_gradient=ONE_STEP,
    ),
    Case("mctn", alignment="aligned", model=SMALL_MCTN),
    Case("mctn", model=SMALL_MCTN),
    Case(
        "mctn",
        "to audio",
        alignment="aligned",
        model={**SMALL_MCTN, "modalities": ["text", "audio"]},
    ),
    Case("mctn", "to vision", model={**SMALL_MCTN, "modalities": ["text", "vision"]}),
    Case("ef_lstm", model=SMALL_LSTM),
    Case("ef_lstm", alignment="aligned", model=SMALL_LSTM),
    Case("ef_lstm", "text and audio", model={**SMALL_LSTM, "modalities": ["text", "audio"]}),
    Case(
        "ef_lstm",
        "audio and vision",
        "aligned",
        model={**SMALL_LSTM, "modalities": ["audio", "vision"]},
    ),
    Case("lf_lstm", model=SMALL_STREAMS),
    Case("lf_lstm", alignment="aligned", model=SMALL_STREAMS),
    Case("lf_lstm", "text", model={**SMALL_STREAMS, "modalities": ["text"]}),
    Case("lf_lstm", "audio and vision", model={**SMALL_STREAMS, "modalities": ["audio", "vision"]}),
    Case("tfn", alignment="aligned", model=SMALL_STREAMS),
    Case("tfn", "linear output", "aligned", model={**SMALL_STREAMS, "output": "linear"}),
    Case("tfn", "text", "aligned", model={**SMALL_STREAMS, "modalities": ["text"]}),
    Case(
        "tfn",
        "audio and vision",
        "aligned",
        model={**SMALL_STREAMS, "modalities": ["audio", "vision"]},
    ),
    Case("mult", model=SMALL_MULT),
    Case("mult", alignment="aligned", model=SMALL_MULT),
    Case("mult", "no mask", model={**SMALL_MULT, "future_mask": False}),
    Case("mult", "text as the only target", model={**SMALL_MULT, "targets": ["text"]}),
    Case("mult", "bimodal", model={**SMALL_MULT, "modalities": ["text", "audio"]}),
    Case("mult", "text alone", model={**SMALL_MULT, "modalities": ["text"]}),
    Case("spt", model=SMALL_SPT, without_gradient=KEY_BIAS),
    Case("spt", alignment="aligned", model=SMALL_SPT, without_gradient=KEY_BIAS),
    Case(
        "spt",
        "bimodal",
        model={**SMALL_SPT, "modalities": ["text", "audio"]},
        without_gradient=KEY_BIAS,
    ),
    Case(
        "spt",
        "text alone",
        model={**SMALL_SPT, "modalities": ["text"]},
        without_gradient=KEY_BIAS,
    ),
    Case("self_mm", labels=SELF_MM),
    Case("self_mm", alignment="aligned", labels=SELF_MM),
    Case("self_mm", "recalibration", model={"recalibration": "sugrm"}, labels=SELF_MM),
    Case("self_mm", "spt", model=SELF_MM_SPT, labels=SELF_MM, without_gradient=KEY_BIAS),
    Case(
        "self_mm",
        "transformer",
        model=SELF_MM_TRANSFORMER,
        labels=SELF_MM,
        without_gradient=KEY_BIAS,
    ),
    Case("self_mm", "one width", model=ONE_WIDTH, labels={"name": "sugrm"}),
    Case("sugrm", model=SMALL_SPT, without_gradient=KEY_BIAS),
    Case("sugrm", alignment="aligned", model=SMALL_SPT, without_gradient=KEY_BIAS),
    Case(
        "sugrm",
        "transformer",
        model=SUGRM_TRANSFORMER,
        without_gradient=KEY_BIAS,
    ),
    Case("sugrm", "lstm", model=SUGRM_LSTM),
    Case(
        "sugrm",
        "no recalibration",
        model={**SMALL_SPT, "recalibration": "none"},
        without_gradient=KEY_BIAS,
    ),
    Case(
        "sugrm", "human labels", model=SMALL_SPT, labels={"name": "none"}, without_gradient=KEY_BIAS
    ),
    Case("sugrm", "self_mm labels", model=SMALL_SPT, labels=SELF_MM, without_gradient=KEY_BIAS),
    Case(
        "sugrm",
        "released lengths",
        model={**SMALL_SPT, "lengths": "ignored"},
        without_gradient=KEY_BIAS,
        padding_counts=True,
    ),
    *_subsets("sugrm", {**SMALL_SPT, "projection": "linear"}, labels={}),
    *_subsets("sugrm", SUGRM_TRANSFORMER, labels={}, subsets=FEW_SUBSETS),
    *_subsets("sugrm", SUGRM_LSTM, labels=SELF_MM),
    *_subsets("self_mm", {"recalibration": "sugrm"}, labels=SELF_MM),
    *_subsets("self_mm", SELF_MM_SPT, labels=SELF_MM, subsets=FEW_SUBSETS),
    Case(
        "sugrm",
        "audio and vision",
        "aligned",
        model={**SMALL_SPT, "modalities": ["audio", "vision"]},
        without_gradient=KEY_BIAS,
    ),
]
