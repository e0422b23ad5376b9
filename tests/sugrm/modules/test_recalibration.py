import numpy as np
import torch

from sugrm.modules.recalibration import NoRecalibration, Recalibration
from sugrm.types import Modality

WIDTHS = {Modality.TEXT: 6, Modality.AUDIO: 3, Modality.VISION: 4}


def streams(lengths):
    torch.manual_seed(0)
    sequences = {m: torch.randn(2, 5, d) for m, d in WIDTHS.items()}
    return sequences, {m: torch.tensor(lengths) for m in WIDTHS}


def test_gates_follow_the_papers_equations():
    """NumPy: z = relu(W_z [a; v; t] + b_z), gate = 2 / (1 + exp(-(W_s z + b_s)))."""
    module = Recalibration(WIDTHS)
    sequences, lengths = streams([5, 2])
    found = module(sequences, lengths)
    weights = {name: p.detach().numpy() for name, p in module.named_parameters()}
    for b, length in enumerate((5, 2)):
        means = [
            sequences[m][b, :length].numpy().mean(0)
            for m in (Modality.AUDIO, Modality.VISION, Modality.TEXT)
        ]
        z = np.maximum(
            weights["squeeze.weight"] @ np.concatenate(means) + weights["squeeze.bias"], 0
        )
        for m in WIDTHS:
            excited = weights[f"excite.{m}.weight"] @ z + weights[f"excite.{m}.bias"]
            expected = 2 / (1 + np.exp(-excited)) * sequences[m][b].numpy()
            np.testing.assert_allclose(found[m][b].detach().numpy(), expected, rtol=1e-5)


def test_the_bottleneck_is_a_quarter_of_all_features():
    """768 + 5 + 20 = 793 features give 198 units, 768 + 74 + 35 = 877 give 219 (PAPER, Table)."""
    mosi = {Modality.TEXT: 768, Modality.AUDIO: 5, Modality.VISION: 20}
    mosei = {Modality.TEXT: 768, Modality.AUDIO: 74, Modality.VISION: 35}
    assert [Recalibration(w).squeeze.out_features for w in (mosi, mosei)] == [198, 219]


def test_padding_does_not_move_the_gates():
    module = Recalibration(WIDTHS)
    sequences, lengths = streams([3, 3])
    disturbed = {m: s.clone() for m, s in sequences.items()}
    for s in disturbed.values():
        s[:, 3:] = 100.0
    found, expected = module(disturbed, lengths), module(sequences, lengths)
    for m in WIDTHS:
        assert torch.equal(found[m][:, :3], expected[m][:, :3])


def test_an_absent_stream_squeezes_to_zero():
    module = Recalibration(WIDTHS)
    sequences, lengths = streams([5, 5])
    lengths[Modality.VISION] = torch.tensor([0, 5])
    zeroed = {**sequences, Modality.VISION: sequences[Modality.VISION].clone()}
    zeroed[Modality.VISION][0] = 0
    lengths_full = {m: torch.tensor([5, 5]) for m in WIDTHS}
    found = module(sequences, lengths)[Modality.TEXT]
    torch.testing.assert_close(found, module(zeroed, lengths_full)[Modality.TEXT])


def test_no_recalibration_changes_nothing():
    sequences, lengths = streams([5, 5])
    found = NoRecalibration()(sequences, lengths)
    assert all(found[m] is sequences[m] for m in WIDTHS)
