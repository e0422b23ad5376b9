"""From checked options to a SUGRM model: the only place that turns its options into modules."""

from collections.abc import Mapping
from typing import Literal

from torch import nn

from sugrm.config.models import SugrmConfig
from sugrm.config.sections.encoders import LstmConfig, SptConfig, TransformerConfig
from sugrm.models.inputs import ModelInputs
from sugrm.models.sugrm import Sugrm
from sugrm.modules.crossmodal import TransformerEncoder
from sugrm.modules.dropouts import Dropouts
from sugrm.modules.heads import HEADS
from sugrm.modules.lstm_encoder import LstmEncoder
from sugrm.modules.recalibration import NoRecalibration, Recalibration
from sugrm.modules.sparse_pattern import SparsePattern
from sugrm.modules.sparse_phased import SparsePhasedTransformer
from sugrm.types import Modality, Task

Widths = Mapping[Modality, int]


def build_sugrm(config: SugrmConfig, inputs: ModelInputs) -> Sugrm:
    """Return SUGRM on the modalities of the options, with one head for each task."""
    widths = {m: inputs.widths[m] for m in config.modalities}
    projections: dict[Modality, nn.Module] = {m: nn.Identity() for m in widths}
    if config.projection == "linear":
        projections = {m: nn.Linear(d, config.width) for m, d in widths.items()}
        widths = dict.fromkeys(widths, config.width)
    recalibration = build_recalibration(config.recalibration, widths)
    encoder = build_encoder(config.encoder, widths, width=config.width)
    return Sugrm(
        inputs.text_encoder,
        projections=projections,
        recalibration=recalibration,
        encoder=encoder,
        heads=_heads(config, inputs.tasks, vector_width=encoder.out_width),
        true_lengths=config.lengths == "true",
    )


def build_recalibration(
    name: Literal["sugrm", "none"], widths: Widths
) -> Recalibration | NoRecalibration:
    """Return the module that gates the streams by one another.

    The paper has three streams. A single one has no other that could gate it, so it is left as it
    is: its own mean would make the module a plain squeeze-and-excitation block.
    """
    return Recalibration(widths) if name == "sugrm" and len(widths) > 1 else NoRecalibration()


def build_encoder(
    config: SptConfig | TransformerConfig | LstmConfig, widths: Widths, *, width: int
) -> SparsePhasedTransformer | TransformerEncoder | LstmEncoder:
    """Return the sequence encoder that the options name."""
    match config:
        case SptConfig():
            return _build_spt(config, widths, width=width)
        case TransformerConfig():
            return TransformerEncoder(
                widths,
                width,
                heads=config.heads,
                layers=config.layers,
                crossmodal=config.attention == "crossmodal",
                dropouts=_dropouts(config),
            )
        case LstmConfig():
            return LstmEncoder(
                widths, width, depth=config.depth, embedding_dropout=config.embedding_dropout
            )


def _build_spt(config: SptConfig, widths: Widths, *, width: int) -> SparsePhasedTransformer:
    pattern = SparsePattern(
        stride=config.stride,
        radius=config.radius,
        phase=config.phase == "intended",
        skip_zero_frames=config.positions == "nonzero",
    )
    return SparsePhasedTransformer(
        widths,
        width,
        heads=config.heads,
        layers=config.layers,
        pattern=pattern,
        dropouts=_dropouts(config),
    )


def _dropouts(config: SptConfig | TransformerConfig) -> Dropouts:
    return Dropouts(
        attention=config.attention_dropout,
        relu=config.relu_dropout,
        residual=config.residual_dropout,
        embedding=config.embedding_dropout,
    )


def _heads(
    config: SugrmConfig, tasks: tuple[Task, ...], *, vector_width: int
) -> dict[Task, nn.Module]:
    head = HEADS[config.head]
    in_width = dict.fromkeys(tasks, vector_width)
    in_width[Task.MULTIMODAL] = len(config.modalities) * vector_width
    return {
        task: head(in_width[task], config.width, dropout=config.output_dropout) for task in tasks
    }
