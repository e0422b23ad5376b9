"""An own system: the mean of each stream, joined, and one hidden layer."""

from typing import Literal

import torch
from pydantic import Field
from torch import nn

from sugrm import plugins


class LateFusionConfig(plugins.ModelSection):
    """Options of late fusion; ``width`` is that of the hidden layer."""

    name: Literal["late_fusion"] = "late_fusion"
    modalities: plugins.Modalities = tuple(plugins.Modality)
    width: int = Field(32, ge=1)
    dropout: plugins.Dropout = 0.1


class LateFusion(nn.Module):
    """Predict the sentiment from the means of the streams."""

    def __init__(self, config: LateFusionConfig, inputs: plugins.ModelInputs) -> None:
        super().__init__()
        self.streams, self.text_encoder = config.streams, inputs.text_encoder
        joined = sum(inputs.widths[stream] for stream in self.streams)
        self.hidden = nn.Sequential(nn.Linear(joined, config.width), nn.ReLU())
        self.output = nn.Sequential(nn.Dropout(config.dropout), nn.Linear(config.width, 1))

    def forward(self, batch: plugins.Batch) -> plugins.ModelOutput:
        """Return the prediction [B] and the hidden layer [B, width]."""
        frames = plugins.read_sequences(batch, self.text_encoder, streams=self.streams)
        lengths = plugins.read_lengths(batch, frames, true=True)
        means = [plugins.mean_of_frames(frames[m], lengths[m]) for m in self.streams]
        hidden = self.hidden(torch.cat(means, dim=-1))
        return plugins.multimodal_output(hidden, self.output(hidden)[:, 0])


LATE_FUSION = plugins.System(options=LateFusionConfig, build=LateFusion)
