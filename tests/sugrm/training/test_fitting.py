import numpy as np
import pytest

from sugrm import evaluate, fit
from sugrm.config import SyntheticConfig, resolve
from sugrm.data import write_synthetic


@pytest.mark.slow
def test_fit_beats_predicting_the_mean_and_reports_each_epoch(experiment, tmp_path):
    corpus = write_synthetic(SyntheticConfig(), cache=tmp_path)
    rates = {"text": 1e-3, "others": 3e-3}
    config = experiment(
        {"training": {"learning_rate": rates, "max_epochs": 4, "batch_size": 32}},
        preset=("mosei", "paper"),
    )
    seen = []
    result = fit(config, corpus, seed=1, on_epoch=seen.append)
    labels = result.predictions["valid"].labels
    of_mean = np.abs(labels - corpus.splits["train"].labels.mean()).mean()
    assert result.valid["mae"] < 0.6 * of_mean
    assert [record.epoch for record in seen] == list(range(1, result.epochs + 1))
    assert seen[1].train_loss < seen[0].train_loss  # later the generated labels join the loss


@pytest.mark.slow
def test_evaluate_scores_a_fitted_model_as_fit_did(corpus, experiment):
    config = experiment({"training": {"max_epochs": 1}})
    result = fit(config, corpus, seed=1)
    assert evaluate(result.model, config, corpus) == result.test
    assert not result.model.training
    assert repr(result) == (
        f"FitResult(epoch 1 of 1 was best, valid mae {result.valid['mae']:.4g}, "
        f"test mae {result.test['mae']:.4g})"
    )
    assert evaluate(result.model.train(), config, corpus) == result.test
    assert result.model.training


def test_the_default_experiment_is_the_papers_for_mosi():
    assert resolve({"preset": ["mosi", "paper"]}) == resolve({})
