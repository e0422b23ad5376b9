import torch
from torch.nn.utils.rnn import pack_padded_sequence

from sugrm.modules.sub_networks import SubNetwork, SubNetworks
from sugrm.types import Modality


def test_an_lstm_over_the_padding_read_at_the_last_step_equals_a_packed_one():
    torch.manual_seed(0)
    network = SubNetwork(3, hidden=5, out_width=2, dropout=0.0)
    frames, lengths = torch.randn(4, 7, 3), torch.tensor([7, 1, 4, 2])
    packed = pack_padded_sequence(frames, lengths, batch_first=True, enforce_sorted=False)
    _, (last, _) = network.lstm(packed)
    torch.testing.assert_close(network(frames, lengths), network.project(last[0]))


def test_dropout_lies_between_the_lstm_and_the_linear_layer():
    torch.manual_seed(0)
    network = SubNetwork(3, hidden=64, out_width=2, dropout=0.5)
    frames, lengths = torch.randn(1, 7, 3), torch.tensor([7])
    torch.nn.init.eye_(network.project.weight)
    assert not torch.equal(network(frames, lengths), network(frames, lengths))
    network.eval()
    assert torch.equal(network(frames, lengths), network(frames, lengths))


def test_each_stream_has_its_own_width():
    parts = {
        "audio": SubNetwork(3, hidden=5, out_width=2, dropout=0.0),
        "vision": SubNetwork(4, hidden=6, out_width=7, dropout=0.0),
    }
    networks = SubNetworks(8, **parts)
    sequences = {m: torch.randn(2, 5, d) for m, d in zip(Modality, (8, 3, 4), strict=True)}
    vectors = networks(sequences, {m: torch.tensor([5, 2]) for m in Modality})
    assert {m: vector.shape[1] for m, vector in vectors.items()} == networks.out_widths
    assert torch.equal(vectors[Modality.TEXT], sequences[Modality.TEXT][:, 0])


def test_a_stream_without_an_encoder_is_not_read():
    vision = SubNetwork(4, hidden=6, out_width=7, dropout=0.0)
    networks = SubNetworks(None, audio=None, vision=vision)
    vectors = networks(
        {Modality.VISION: torch.randn(2, 5, 4)}, {Modality.VISION: torch.tensor([5, 2])}
    )
    assert (
        {m: vector.shape[1] for m, vector in vectors.items()}
        == networks.out_widths
        == {"vision": 7}
    )
