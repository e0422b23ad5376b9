import torch

from sugrm.modules.heads import OneLayerHead, ResidualHead, ThreeLayerHead, TwoLayerHead


def test_the_papers_feature_is_rectified_and_read_linearly():
    head = OneLayerHead(3, 4, dropout=0.5).eval()
    x = torch.randn(5, 3)
    feature, sentiment = head(x)
    assert (feature >= 0).all()
    torch.testing.assert_close(feature, torch.relu(x @ head.hidden.weight.T + head.hidden.bias))
    torch.testing.assert_close(sentiment, (feature @ head.out.weight.T + head.out.bias)[:, 0])


def test_the_released_feature_may_be_negative():
    torch.manual_seed(0)
    feature, sentiment = TwoLayerHead(3, 16, dropout=0.0)(torch.randn(50, 3))
    assert (feature < 0).any()
    assert sentiment.shape == (50,)


def test_the_papers_dropout_stands_between_the_feature_and_the_output():
    torch.manual_seed(0)
    head = OneLayerHead(3, 16, dropout=0.5)
    x = torch.randn(5, 3)
    (feature, first), (again, second) = head(x), head(x)
    assert torch.equal(feature, again)
    assert not torch.equal(first, second)


def test_the_released_dropout_stands_before_the_feature():
    torch.manual_seed(0)
    head = TwoLayerHead(3, 16, dropout=0.5)
    x = torch.randn(5, 3)
    (feature, sentiment), (again, _) = head(x), head(x)
    assert not torch.equal(feature, again)
    torch.testing.assert_close(sentiment, (feature @ head.out.weight.T + head.out.bias)[:, 0])


def test_the_residual_head_adds_its_block_to_what_it_reads():
    torch.manual_seed(0)
    head = ResidualHead(4, dropout=0.5).eval()
    x = torch.randn(5, 4)
    feature, sentiment = head(x)
    hidden = torch.relu(x @ head.hidden.weight.T + head.hidden.bias)
    torch.testing.assert_close(feature, x + hidden @ head.project.weight.T + head.project.bias)
    torch.testing.assert_close(sentiment, (feature @ head.out.weight.T + head.out.bias)[:, 0])


def test_the_residual_heads_dropout_stands_inside_the_block():
    torch.manual_seed(0)
    head = ResidualHead(16, dropout=0.5)
    x = torch.randn(5, 16)
    (feature, sentiment), (again, _) = head(x), head(x)
    assert not torch.equal(feature, again)
    torch.testing.assert_close(sentiment, (feature @ head.out.weight.T + head.out.bias)[:, 0])


def test_self_mms_feature_comes_after_the_first_of_three_layers():
    torch.manual_seed(0)
    head = ThreeLayerHead(3, 16, dropout=0.5)
    x = torch.randn(5, 3)
    (feature, sentiment), (again, _) = head(x), head(x)
    assert not torch.equal(feature, again)
    assert (feature >= 0).all()
    second = torch.relu(feature @ head.project.weight.T + head.project.bias)
    torch.testing.assert_close(sentiment, (second @ head.out.weight.T + head.out.bias)[:, 0])
