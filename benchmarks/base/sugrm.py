"""SUGRM without a text encoder: recalibration, the padded encoder, one head for each task."""

import torch
from torch import Tensor, nn

from benchmarks.base.spt import STREAMS, Spt
from sugrm.config.models import SugrmConfig
from sugrm.modules.dropouts import Dropouts
from sugrm.modules.sparse_pattern import SparsePattern
from sugrm.types import MODALITY_OF, Batch, Modality, ModelOutput, Task

GATED = (Modality.AUDIO, Modality.VISION, Modality.TEXT)


class Gates(nn.Module):
    """Scale each stream's features by 2 sigmoid(W_s ReLU(W_z [S_a; S_v; S_t]))."""

    def __init__(self, widths: dict[Modality, int]) -> None:
        super().__init__()
        total = sum(widths.values())
        self.squeeze = nn.Linear(total, total // 4)
        self.excite = nn.ModuleDict({m: nn.Linear(total // 4, widths[m]) for m in GATED})

    def forward(
        self, sequences: dict[Modality, Tensor], lengths: dict[Modality, Tensor]
    ) -> dict[Modality, Tensor]:
        """Return the gated [B, T, D] sequences of padded ones and their [B] lengths."""
        means = []
        for m in GATED:
            real = torch.arange(sequences[m].shape[1]) < lengths[m][:, None]
            total = (sequences[m] * real[..., None]).sum(1)
            means.append(total / lengths[m].clamp(min=1)[:, None])
        joint = torch.relu(self.squeeze(torch.cat(means, dim=1)))
        return {m: 2 * torch.sigmoid(self.excite[m](joint))[:, None] * sequences[m] for m in GATED}


class Head(nn.Module):
    """The paper's head: F* = ReLU(W1 F + b1), y = W2 dropout(F*) + b2."""

    def __init__(self, in_width: int, width: int, *, dropout: float) -> None:
        super().__init__()
        self.hidden, self.out = nn.Linear(in_width, width), nn.Linear(width, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, vector: Tensor) -> tuple[Tensor, Tensor]:
        """Return F* [B, width] and y [B] from [B, in_width]."""
        feature = torch.relu(self.hidden(vector))
        return feature, self.out(self.dropout(feature))[:, 0]


class PlainSugrm(nn.Module):
    """SUGRM with the paper's head and no projection; see `sugrm.models.sugrm.Sugrm`.

    Args:
        config: the options of the model.
        widths: stream -> D, the width of its features.
    """

    def __init__(self, config: SugrmConfig, widths: dict[Modality, int]) -> None:
        super().__init__()
        encoder, width = config.encoder, config.width
        assert encoder.name == "spt"
        assert (config.head, config.projection) == ("one_layer", "none")
        self.recalibration = Gates(widths)
        self.encoder = Spt(
            widths,
            width,
            heads=encoder.heads,
            layers=encoder.layers,
            pattern=SparsePattern(
                stride=encoder.stride,
                radius=encoder.radius,
                phase=encoder.phase == "intended",
                skip_zero_frames=encoder.positions == "nonzero",
            ),
            dropouts=Dropouts(
                attention=encoder.attention_dropout,
                relu=encoder.relu_dropout,
                residual=encoder.residual_dropout,
                embedding=encoder.embedding_dropout,
            ),
        )
        self.heads = nn.ModuleDict(
            {
                task: Head(
                    3 * width if task is Task.MULTIMODAL else width,
                    width,
                    dropout=config.output_dropout,
                )
                for task in Task
            }
        )

    def forward(self, batch: Batch) -> ModelOutput:
        """Return the predictions [B] and features [B, width] of every task."""
        assert batch.text_features is not None
        sequences = {
            Modality.TEXT: batch.text_features,
            Modality.AUDIO: batch.audio,
            Modality.VISION: batch.vision,
        }
        lengths = {
            Modality.TEXT: batch.text_lengths,
            Modality.AUDIO: batch.audio_lengths,
            Modality.VISION: batch.vision_lengths,
        }
        present = {m: lengths[m] > 0 for m in STREAMS}
        encoded = self.encoder(self.recalibration(sequences, lengths), lengths)
        vectors = {m: encoded[m] * present[m][:, None] for m in STREAMS}
        joined = torch.cat([vectors[m] for m in Modality], dim=1)
        features, predictions = {}, {}
        for task in Task:
            vector = joined if task is Task.MULTIMODAL else vectors[MODALITY_OF[task]]
            features[task], predictions[task] = self.heads[task](vector)
        there = {task: present[m] for task, m in MODALITY_OF.items()}
        there[Task.MULTIMODAL] = torch.ones_like(present[Modality.TEXT])
        return ModelOutput(predictions=predictions, features=features, present=there)
