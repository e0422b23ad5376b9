import pytest

from search.trials.keys import trial_key
from sugrm import resolve

PARTS = {
    "seed": 1,
    "data_identity": "d",
    "encoder_fingerprint": "e",
    "numerics": 1,
}


def test_a_preset_and_its_options_spelled_out_have_one_key():
    named = resolve({"preset": ["mosi", "paper"]})
    spelled = resolve(named.model_dump(mode="json"))
    assert trial_key(named, **PARTS) == trial_key(spelled, **PARTS)


@pytest.mark.parametrize(
    "change",
    [{"seed": 2}, {"data_identity": "x"}, {"encoder_fingerprint": "x"}, {"numerics": 2}],
)
def test_everything_that_decides_the_numbers_is_in_the_key(change):
    config = resolve({"preset": ["mosi", "paper"]})
    assert trial_key(config, **PARTS) != trial_key(config, **{**PARTS, **change})


def test_another_option_has_another_key():
    one, other = resolve({}), resolve({"objective": {"loss": "l2"}})
    assert trial_key(one, **PARTS) != trial_key(other, **PARTS)


def test_the_json_text_that_a_worker_gets_has_the_same_key():
    config = resolve({"preset": ["mosi", "paper"]})
    read = type(config).model_validate_json(config.model_dump_json())
    assert trial_key(config, **PARTS) == trial_key(read, **PARTS)
