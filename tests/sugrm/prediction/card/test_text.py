"""The model card: metadata for the hub, then plain words."""

from dataclasses import replace

import pytest
from huggingface_hub import ModelCard

from sugrm.prediction import write_model_folder
from sugrm.prediction.card.facts import CardFacts, MetricFact
from sugrm.prediction.card.text import card_text

FACTS = CardFacts(
    chosen="By a search.",
    split_sizes={"train": 16, "valid": 8, "test": 9},
    fingerprint="12ab",
    metrics=(
        MetricFact(
            name="mae",
            title="MAE",
            is_fraction=False,
            exported=0.9,
            seeds=3,
            mean=1.0,
            deviation=0.1,
            low=0.75,
            high=1.25,
        ),
        MetricFact(name="acc7", title="Acc-7", is_fraction=True, exported=0.4, seeds=2, mean=0.35),
        MetricFact(name="corr", title="Corr", is_fraction=False, exported=None, seeds=3, mean=0.5),
    ),
    missing="Seeds that are not in the folder: 4 (failed).",
    changes={"objective.loss": "l2"},
    provenance=(("git commit", "12ab | with changes"),),
    command="sugrm-search run demo.yaml",
    space="name: demo\n# ```\n",
)


@pytest.fixture(scope="module")
def description(kept, tmp_path_factory):
    folder = tmp_path_factory.mktemp("card") / "out"
    return write_model_folder(folder, [kept[1][0], kept[2][0], kept[3][0]]).description


@pytest.mark.slow
def test_the_metadata_are_read_by_the_hubs_own_tools(description):
    card = ModelCard(card_text(description, FACTS, license_id="mit"))
    assert (card.data.license, card.data.language) == ("mit", "en")
    assert card.data.library_name == "sugrm-search"
    assert card.data.datasets == ["synthetic"]
    results = {each.metric_type: each.metric_value for each in card.data.eval_results}
    assert results == {"mae": 0.9, "accuracy": 0.4}
    assert {each.dataset_split for each in card.data.eval_results} == {"test"}


@pytest.mark.slow
def test_metrics_have_their_spread_and_interval_where_there_is_one(description):
    text = card_text(description, FACTS)
    assert "| MAE | 0.900 | 1.000 ± 0.100 | [0.750, 1.250] | 3 |" in text
    assert "| Acc-7 | 40.0 % | 35.0 % | none below 3 seeds | 2 |" in text
    assert "| Corr | not recorded | 0.500 | too wide to state | 3 |" in text


def test_what_the_run_knows_is_in_the_text(description):
    text = card_text(description, FACTS)
    for part in (
        "By a search.",
        "| train | 16 |",
        "`12ab`",
        "4 (failed)",
        "`objective.loss`: `l2`",
    ):
        assert part in text
    assert "| git commit | 12ab \\| with changes |" in text
    assert "```sh\nsugrm-search run demo.yaml\n```" in text
    assert "````yaml\nname: demo\n# ```\n````" in text


def test_limits_follow_from_the_model(description):
    text = card_text(description)
    assert "opposite sign" in text  # of SUGRM's generated labels
    assert "The data are synthetic" in text
    assert "`low` and `high`" in text
    assert "No licence has been chosen" in text
    human = description.model_dump(mode="json")
    human["experiment"]["objective"]["labels"] = {"name": "none"}
    human["weights"] = human["weights"][:1]
    other = card_text(type(description).model_validate(human), license_id="mit")
    assert "the label of the whole utterance" in other
    assert "`low` and `high`" not in other
    assert "No licence" not in other


def test_streams_are_described_as_the_model_reads_them(description):
    text = card_text(description)
    assert "| text | words, at most 50 tokens of `tiny`" in text
    assert "| audio | frames of 5 features" in text
    assert "Unaligned" in text


def test_data_of_other_sizes_are_not_called_by_the_name_of_a_corpus(description):
    """A table of one's own is read as CMU-MOSI by default; its results are not CMU-MOSI's."""
    given = description.model_dump(mode="json")
    given["inputs"]["dataset"] |= {"name": "mosi", "title": "CMU-MOSI"}
    mosi = type(description).model_validate(given)
    assert "SUGRM, trained on CMU-MOSI\n" in card_text(mosi, FACTS)
    other = card_text(mosi, replace(FACTS, is_other_data=True))
    card = ModelCard(other)
    assert card.data.datasets is None
    assert {each.dataset_name for each in card.data.eval_results} == {"data read as CMU-MOSI"}
    assert "# SUGRM, trained on data read as CMU-MOSI\n" in other
    assert "are not CMU-MOSI itself, since their splits have other sizes" in other
    assert "film reviews" not in other
    assert "It has seen the training data above only." in other


def test_a_stream_that_the_training_lacked_is_not_called_read(description):
    given = description.model_dump(mode="json")
    given["inputs"]["untrained"] = ["vision"]
    text = card_text(type(description).model_validate(given))
    assert "| vision | left out: no utterance of the training data had any |" in text
    assert "from its words and its voice." in text


def test_a_model_without_a_run_has_a_card_too(description):
    text = card_text(description)
    assert "Not recorded in this folder." in text
    assert ModelCard(text).data.eval_results is None


def test_a_program_is_described_with_its_inputs(description):
    content = description.model_dump(mode="json")
    steps = {name: {"least": 8, "most": 50} for name in ("text", "audio", "vision")}
    content["programs"] = [{"seed": 1, "file": "model.pt2", "steps": steps}]
    text = card_text(type(description).model_validate(content))
    assert 'torch.export.load("FOLDER/model.pt2")' in text
    assert 'program({"text": text, "text_lengths": text_lengths, "audio"' in text
    assert "`audio` has from 8 to 50 steps" in text
    assert "Padding counts" not in text
    content["experiment"]["model"]["lengths"] = "ignored"
    padded = card_text(type(description).model_validate(content))
    assert "pad text to 50, audio to 4, vision to 4 steps" in padded


def test_an_own_system_and_adapters_are_described(description):
    content = description.model_dump(mode="json")
    content["plugins"] = [{"module": "own", "digest": "12ab", "file": "plugins/own.py"}]
    text = card_text(type(description).model_validate(content))
    assert "--plugin FOLDER/plugins/own.py\n" in text
    assert "load(\"FOLDER\", plugins=['FOLDER/plugins/own.py'])" in text
    assert "read it first" in text
    content["text_encoder"]["base"] = "0" * 64
    content["text_encoder"]["merged_adapter"] = True
    text = card_text(type(description).model_validate(content))
    assert "The weights of the text encoder `tiny` are not in the folder" in text
    assert "but for rounding" in text
