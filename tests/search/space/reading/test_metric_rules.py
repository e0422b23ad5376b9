import pytest

from search.errors import SpaceError
from search.space.reading import load_space

SPACE = """name: x
data: {dataset: sims, unaligned: a.pkl}
experiment: {preset: [mosi, paper]}
search:
  trials: 1
  parameters: {model.width: {choice: [16, 32]}}
"""
SIMS = "valid/loss, valid/mae, valid/corr, valid/acc2_sims, valid/f1_sims, valid/acc3_sims"


def load(tmp_path, *overrides):
    path = tmp_path / "a.yaml"
    path.write_text(SPACE)
    return load_space(path, overrides=overrides)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        "search.objective.metric=valid/acc2_sims",
        "search.objective=[{metric: valid/f1_sims}, {metric: cost/parameters}]",
        "experiment.training.monitor=valid/acc5_sims",
        "search.parameters.training.monitor={choice: [valid/loss, valid/acc3_sims]}",
        "ablations={g: {baseline: {}, a: {training.monitor: valid/acc3_sims}}}",
    ],
)
def test_a_metric_of_the_dataset_is_accepted(tmp_path, change):
    load(tmp_path, change)
    with pytest.raises(SpaceError, match="a metric that the dataset mosi does not have"):
        load(tmp_path, change, "data.dataset=mosi")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("search.objective.metric=valid/acc7", "search.objective.metric"),
        (
            "search.objective=[{metric: valid/mae}, {metric: valid/acc7}]",
            "search.objective[1].metric",
        ),
        ("experiment.training.monitor=valid/acc7", "experiment.training.monitor"),
        (
            "search.parameters.training.monitor={choice: [valid/loss, valid/acc7]}",
            "search.parameters.training.monitor.choice[1]",
        ),
        (
            "ablations={g: {baseline: {}, a: {training.monitor: valid/acc7}}}",
            "ablations.g.a.training.monitor",
        ),
    ],
)
def test_a_metric_of_another_dataset_is_named_with_those_there_are(tmp_path, change, key):
    with pytest.raises(SpaceError) as error:
        load(tmp_path, change)
    message = str(error.value)
    assert message.startswith(
        f"--set {change}: {key}: a metric that the dataset sims does not have; "
    )
    assert f"got 'valid/acc7'; expected one of {SIMS}, valid/acc5_sims" in message


@pytest.mark.slow
def test_a_dataset_of_another_range_has_mae_and_correlation(tmp_path):
    own = "data.dataset={name: own, label_bound: 5, metrics: regression}"
    load(tmp_path, own, "search.objective.metric=valid/corr")
    with pytest.raises(SpaceError, match="expected one of valid/loss, valid/mae, valid/corr"):
        load(tmp_path, own, "search.objective.metric=valid/acc2_sims")
