"""The translations of MCTN: what is made of what, and what each is held against."""

import pytest
import torch

from sugrm.modules.joint_translation import JointTranslation
from sugrm.types import Modality

TEXT, AUDIO, VISION = Modality.TEXT, Modality.AUDIO, Modality.VISION
WIDTHS = {TEXT: 6, VISION: 4, AUDIO: 3}


def module_of(*modalities, alignment="aligned", widths=WIDTHS):
    torch.manual_seed(0)
    chosen = {m: widths[m] for m in modalities}
    return JointTranslation(chosen, width=5, alignment=alignment, places=8)


def inputs_of(widths=WIDTHS, audio=(4, 2), vision=(4, 2)):
    torch.manual_seed(1)
    sequences = {m: torch.randn(2, 4, width) for m, width in widths.items()}
    lengths = {TEXT: [4, 2], AUDIO: list(audio), VISION: list(vision)}
    return sequences, {m: torch.tensor(values) for m, values in lengths.items()}


def translations_of(module, sequences, lengths):
    levels = module(sequences[TEXT], lengths[TEXT])
    found = module.translations(levels, sequences, lengths=lengths)
    return {t.name: t for t in found.translations}, found.alignments


def test_the_second_level_encodes_the_first_and_translates_to_the_second_target():
    module = module_of(TEXT, VISION, AUDIO)
    sequences, lengths = inputs_of()
    first, second = module(sequences[TEXT], lengths[TEXT])
    torch.testing.assert_close(second, module.encoders[1](first, lengths[TEXT]))
    found, _ = translations_of(module, sequences, lengths)
    torch.testing.assert_close(
        found["second_level"].translated, module.decoders[1](second, lengths[TEXT])
    )
    assert found["second_level"].target.shape[2] == WIDTHS[AUDIO]
    assert found["forward"].target.shape[2] == WIDTHS[VISION]


def test_the_cycle_goes_through_the_same_encoder_and_decoder():
    module = module_of(TEXT, VISION)
    sequences, lengths = inputs_of()
    found, _ = translations_of(module, sequences, lengths)
    (encoder,), (decoder,) = module.encoders, module.decoders
    forward = decoder(encoder(sequences[TEXT], lengths[TEXT]), lengths[TEXT])[..., :4]
    torch.testing.assert_close(found["forward"].translated, forward)
    filled = torch.cat([forward, torch.zeros(2, 4, 2)], -1)
    back = decoder(encoder(filled, lengths[TEXT]), lengths[TEXT])
    torch.testing.assert_close(found["backward"].translated, back)
    assert torch.equal(found["backward"].target, sequences[TEXT])


def test_a_target_wider_than_the_text_fills_up_the_text():
    widths = {TEXT: 3, VISION: 7, AUDIO: 3}
    module = module_of(TEXT, VISION, widths=widths)
    found, _ = translations_of(module, *inputs_of(widths))
    assert found["forward"].translated.shape == (2, 4, 7)
    assert found["backward"].translated.shape == (2, 4, 3)


def test_the_order_of_the_targets_is_the_order_of_the_levels():
    found, _ = translations_of(module_of(TEXT, AUDIO, VISION), *inputs_of())
    assert found["forward"].target.shape[2] == WIDTHS[AUDIO]
    assert found["second_level"].target.shape[2] == WIDTHS[VISION]


def test_an_absent_target_drops_out_of_its_translation_there_and_back():
    module = module_of(TEXT, VISION, AUDIO)
    found, _ = translations_of(module, *inputs_of(vision=(0, 2)))
    lengths = {name: t.lengths.tolist() for name, t in found.items()}
    assert lengths == {"forward": [0, 2], "backward": [0, 2], "second_level": [4, 2]}


@pytest.mark.parametrize("alignment", ["aligned", "unaligned"])
def test_no_gradient_passes_into_what_a_translation_should_be(alignment):
    module = module_of(TEXT, VISION, AUDIO, alignment=alignment)
    found, scores = translations_of(module, *inputs_of())
    assert not any(t.target.requires_grad for t in found.values())
    assert len(scores) == (2 if alignment == "unaligned" else 0)
