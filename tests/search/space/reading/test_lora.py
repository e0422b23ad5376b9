"""A section that is null by default: fixed, searched, and under conditions."""

import pytest

from search.errors import SpaceError

RANK = "search.parameters.model.text.lora.rank={choice: [4, 8]}"
WHEN = (
    "search.parameters.model.text.lora.rank={choice: [4, 8], when: {model.text.finetune: [true]}}"
)
FROZEN = "search.parameters.model.text.finetune={choice: [true, false]}"
SECTIONS = "search.parameters.model.text.lora={choice: [null, {}, {rank: 4}]}"
RATE = "search.parameters.training.learning_rate.text={low: 1.0e-5, high: 1.0e-3"


@pytest.mark.parametrize(
    ("given", "rank"),
    [
        ("experiment.model.text.lora.rank=4", 4),
        ("experiment.model.text.lora={}", 8),
        ("experiment.model.text.lora=", None),
    ],
)
def test_adapters_are_set_by_one_override(mini, given, rank):
    lora = mini(given).experiment_of().model.text.lora
    assert rank == (None if lora is None else lora.rank)


def test_a_cell_adds_or_removes_adapters(mini):
    plain, adapted = mini(), mini("experiment.model.text.lora={alpha: 4}")
    added = plain.experiment_of({"model.text.lora.rank": 2}).model.text.lora
    changed = adapted.experiment_of({"model.text.lora.rank": 2}).model.text.lora
    assert (added.rank, added.alpha, changed.rank, changed.alpha) == (2, 16, 2, 4)
    assert adapted.experiment_of({"model.text.lora": None}).model.text.lora is None


@pytest.mark.parametrize(
    "given",
    [
        [RANK, "experiment.model.text.lora={}"],
        [RANK, "search.start=[]"],
        [RANK, "search.start=[{model.text.lora.rank: 4}]"],
        [FROZEN, WHEN, "search.start=[{model.text.lora.rank: 4}]"],
        [SECTIONS],
        [SECTIONS, f"{RATE}, when: {{model.text.lora: [null]}}}}"],
        ["search.parameters.model.text.lora.rank={low: 2, high: 16, log: true}", "search.start=[]"],
    ],
)
def test_adapters_are_searched(mini, given):
    assert mini(*given).search is not None


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            [RANK],
            "experiment.model.text.lora.rank: a starting value outside search.parameters.model."
            "text.lora.rank; got null; expected one of 4, 8; or no starting point",
        ),
        (["experiment.model.text.lora.rnk=8"], "unknown key; expected one of rank, alpha, targets"),
        (["experiment.model.text.lora=8"], "got 8; expected keys and values: rank, alpha, targets"),
        (["experiment.model.text.lora.targets=query"], "got 'query'; expected a list"),
        (
            ["experiment.model.text={finetune: false, lora: {}}"],
            "got both; set finetune: true (with lora the encoder's own weights stay as they are)",
        ),
        (
            ["ablations={g: {a: {model.text.lora.rank: 4, model.text.finetune: false}}}"],
            "ablations.g.a: model.text.lora trains adapters",
        ),
        (
            [FROZEN, WHEN, "experiment.model.text.lora={}"],
            "search.parameters: values that do not go together: model.text.lora trains adapters",
        ),
        (
            [SECTIONS, f"{RATE}, when: {{model.text.lora: [{{rank: 9}}]}}}}"],
            'a value that model.text.lora never takes; got {"rank": 9}',
        ),
        (
            ["search.parameters.model.text.lora={low: 4, high: 8}"],
            "a section of options, which has",
        ),
    ],
)
def test_a_mistake_about_adapters_is_named_with_its_place(mini, given, problem):
    with pytest.raises(SpaceError) as caught:
        mini(*given)
    assert problem in str(caught.value)
