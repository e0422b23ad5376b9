import numpy as np
import torch

from sugrm.modules.embedding_subnetworks import FrameEmbedding, LanguageEmbedding


def relu_layers(module, vector):
    """NumPy: ReLU(W x + b), one layer after the other."""
    for layer in module.layers:
        if isinstance(layer, torch.nn.Linear):
            weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
            vector = np.maximum(weight @ vector + bias, 0)
    return vector


def linear_layers(module):
    return [
        (layer.in_features, layer.out_features)
        for layer in module.layers
        if isinstance(layer, torch.nn.Linear)
    ]


def test_frames_are_averaged_then_pass_three_layers():
    torch.manual_seed(0)
    module = FrameEmbedding(3, 4, dropout=0.5).eval()
    sequence = torch.randn(2, 6, 3)
    found = module(sequence, torch.tensor([6, 2])).detach().numpy()
    for row, length in enumerate([6, 2]):
        expected = relu_layers(module, sequence[row, :length].numpy().mean(0))
        np.testing.assert_allclose(found[row], expected, rtol=1e-5, atol=1e-6)
    assert linear_layers(module) == [(3, 4), (4, 4), (4, 4)]


def test_the_texts_last_state_passes_two_layers():
    torch.manual_seed(0)
    module = LanguageEmbedding(3, 4)
    sequence, lengths = torch.randn(2, 6, 3), torch.tensor([6, 2])
    found = module(sequence, lengths).detach().numpy()
    for row, state in enumerate(module.reader(sequence, lengths).detach().numpy()):
        np.testing.assert_allclose(found[row], relu_layers(module, state), rtol=1e-5, atol=1e-6)
    assert linear_layers(module) == [(4, 4), (4, 4)]


def test_an_absent_stream_gives_zeros_whatever_the_biases():
    for module in (FrameEmbedding(3, 4, dropout=0.0), LanguageEmbedding(3, 4)):
        for parameter in module.parameters():
            torch.nn.init.constant_(parameter, 0.5)
        found = module(torch.ones(2, 5, 3), torch.tensor([0, 5]))
        assert not found[0].any()
        assert (found[1] > 0).all()


def test_dropout_stands_after_each_layer_of_the_frames_embedding():
    module = FrameEmbedding(3, 4, dropout=0.15)
    dropouts = [layer.p for layer in module.layers if isinstance(layer, torch.nn.Dropout)]
    assert dropouts == [0.15] * 3
