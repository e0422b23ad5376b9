"""A corpus like CH-SIMS: labels in [-1, 1], metrics of its own, human labels of each modality."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import pearsonr

from sugrm.data import Corpus, Utterances, load_dataset
from sugrm.data.cache.content import CorpusContent
from sugrm.data.cache.store import write_store
from sugrm.errors import ArgumentError, SugrmError
from sugrm.metrics import METRIC_NAMES, score
from sugrm.training import evaluate, fit, load_trained
from sugrm.training.run import TrainingRun
from sugrm.types import Modality, Split

TFN = {"alignment": "aligned", "model": {"name": "tfn", "width": 8}, "objective": {"tasks": ["M"]}}


def scaled(content, share):
    """Return a split whose labels, human and of each modality, are a share of what they were."""
    truth = {modality: values * share for modality, values in content.true_sentiments.items()}
    return replace(content, labels=content.labels * np.float32(share), true_sentiments=truth)


@pytest.fixture(scope="module")
def sims(corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sims") / "corpus"
    parts = {split: scaled(part.content, 1 / 3) for split, part in corpus.splits.items()}
    content = CorpusContent(
        name="sims",
        alignment=corpus.alignment,
        fingerprint="sims",
        padded_lengths=corpus.padded_lengths,
        splits=parts,
        repaired=corpus.notes.repaired,
    )
    write_store(folder, content)
    return Corpus.open(folder)


def without_truth(corpus):
    splits = {
        split: Utterances(replace(part.content, true_sentiments={}))
        for split, part in corpus.splits.items()
    }
    return replace(corpus, splits=splits)


@pytest.mark.slow
def test_a_fit_has_the_metrics_of_its_dataset(sims, experiment):
    config = experiment({"training": {"max_epochs": 1}})
    result = fit(config, sims, seed=1)
    names = METRIC_NAMES["sims"]
    assert tuple(result.valid) == tuple(result.test) == names
    found = result.predictions["test"]
    expected = score(found.predictions["M"], found.labels, metrics="sims")
    assert {name: result.test[name] for name in expected} == expected
    assert evaluate(result.model, config, sims) == pytest.approx(result.test)


@pytest.mark.slow
def test_generated_labels_stay_in_the_range_where_they_are_clamped(sims, experiment):
    options = {"objective": {"labels": {"name": "sugrm", "clamp": 3.0, "first_epoch": 1}}}
    run = TrainingRun(experiment(options), sims, seed=1)
    run.run_epoch()
    labels = np.concatenate(list(run.run_epoch().labels.values()))
    human = sims.splits[Split.TRAIN].labels
    assert 0.5 < np.abs(labels).max() <= 1
    assert not np.isin(labels, human).all()


@pytest.mark.slow
@pytest.mark.parametrize("labels", ["sugrm", "self_mm"])
def test_human_labels_of_each_modality_are_the_truth_of_the_generated_ones(
    sims, experiment, labels
):
    run = TrainingRun(experiment({"objective": {"labels": {"name": labels}}}), sims, seed=1)
    run.run_epoch()
    record, train = run.run_epoch(), sims.splits[Split.TRAIN]
    assert set(record.label_truth) == set(record.human_truth) == {"T", "A", "V"}
    for letter, modality in zip("TAV", Modality, strict=True):
        here = train.present(modality)
        truth = train.true_sentiment(modality)[here]
        assert record.human_truth[letter] == pytest.approx(
            pearsonr(train.labels[here], truth).statistic
        )
        assert record.label_truth[letter] == pytest.approx(
            pearsonr(record.labels[letter][here], truth).statistic
        )


@pytest.mark.slow
def test_human_labels_of_each_modality_are_never_trained_on(sims, experiment):
    config = experiment()
    runs = [TrainingRun(config, corpus, seed=1) for corpus in (sims, without_truth(sims))]
    for _ in range(2):
        known, unknown = (run.run_epoch() for run in runs)
        assert known.train_loss == unknown.train_loss
        assert dict(known.valid) == dict(unknown.valid)
        for task, values in known.labels.items():
            assert np.array_equal(values, unknown.labels[task])
    assert known.label_truth
    assert not unknown.label_truth


@pytest.mark.slow
def test_a_metric_of_another_dataset_cannot_choose_the_best_epoch(sims, corpus, experiment):
    with pytest.raises(ArgumentError, match=r"valid/acc7, which the dataset sims does not have"):
        TrainingRun(experiment({"training": {"monitor": "valid/acc7"}}), sims, seed=1)
    config = experiment({"training": {"monitor": "valid/acc5_sims", "max_epochs": 1}})
    with pytest.raises(ArgumentError, match=r"expected one of valid/loss, .*valid/acc7"):
        TrainingRun(config, corpus, seed=1)
    assert TrainingRun(config, sims, seed=1).run_epoch().valid["acc5_sims"] >= 0


@pytest.mark.slow
def test_a_checkpoint_of_the_same_data_under_another_dataset_is_refused(sims, experiment, tmp_path):
    config = experiment()
    TrainingRun(config, sims, seed=1, checkpoint=tmp_path / "run").run_epoch()
    assert len(TrainingRun(config, sims, seed=1, checkpoint=tmp_path / "run").history) == 1
    with pytest.raises(SugrmError, match=r"data sims:label_bound=1:metrics=sims:vocab.*, not sims"):
        TrainingRun(
            config, replace(sims, dataset=load_dataset("mosi")), seed=1, checkpoint=tmp_path / "run"
        )


@pytest.mark.slow
def test_a_kept_model_predicts_in_the_range_of_its_dataset(sims, experiment, tmp_path):
    """TFN's sigmoid spans the range of the labels."""
    config, aligned = experiment(TFN), replace(sims, alignment="aligned")
    run = TrainingRun(config, aligned, seed=1)
    run.run_epoch()
    result = run.finish()
    run.save_trained(tmp_path)
    kept = load_trained(tmp_path)
    assert evaluate(kept.model, config, aligned) == pytest.approx(result.test)
    assert kept.model.out[-1].bound == 1
