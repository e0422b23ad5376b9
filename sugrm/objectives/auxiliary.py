"""Losses that some systems add to the sentiment's: CTC alignment and translation.

Source: Graves et al., ICML 2006, for CTC, in the pairing of MulT (Tsai et al., ACL 2019,
Section 4.2): each place of the text is to be found once, in order, among a stream's frames.
Translation: Pham et al., AAAI 2019 (MCTN), "Coupled Translation-Prediction Objective".
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from sugrm.config.sections.objective import ObjectiveConfig
from sugrm.modules.positions import real_frames
from sugrm.types import AlignmentScores, ModelOutput, Translation

AuxiliaryLoss = Callable[[ModelOutput], Tensor | float]
"""output -> scalar."""


def build_auxiliary(config: ObjectiveConfig) -> AuxiliaryLoss:
    """Return the weighted sum of the losses that an output's alignments and translations give."""
    weights = config.translation_weights.model_dump()

    def loss(output: ModelOutput) -> Tensor | float:
        total: Tensor | float = 0.0
        for scores in output.alignments:
            total = total + config.alignment_weight * alignment_loss(scores)
        for translation in output.translations:
            total = total + weights[translation.name] * translation_loss(translation)
        return total

    return loss


def alignment_loss(scores: AlignmentScores) -> Tensor:
    """Return the mean CTC loss of the utterances whose stream is present, a scalar.

    The loss of an utterance is divided by its places. One with fewer frames than places cannot
    be aligned and adds 0.
    """
    log_probabilities = scores.log_probabilities.float().transpose(0, 1)
    places = torch.arange(1, log_probabilities.shape[2], device=log_probabilities.device)
    present = (scores.frame_lengths > 0) & (scores.place_lengths > 0)
    each = F.ctc_loss(
        log_probabilities,
        places.expand(len(present), -1),
        scores.frame_lengths.clamp(min=1),
        scores.place_lengths.clamp(min=1),
        reduction="none",
        zero_infinity=True,
    )
    per_place = each / scores.place_lengths.clamp(min=1)
    return torch.where(present, per_place, 0.0).sum() / present.sum().clamp(min=1)


def translation_loss(translation: Translation) -> Tensor:
    """Return the mean squared error over the real steps of all utterances, a scalar."""
    steps = translation.target.shape[1]
    real = real_frames(translation.lengths, steps)[..., None]
    squared = (translation.translated.float() - translation.target.float()).square()
    count = real.sum().clamp(min=1) * translation.target.shape[2]
    return torch.where(real, squared, 0.0).sum() / count
