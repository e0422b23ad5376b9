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


KEYS_OF_0_1 = {
    "mosi": "68e88b617750df52",
    "mosei": "0c1e2735042b30ef",
    "paper": "9b090a98465093a8",
    "released": "bdd0ad252d84b331",
    "text_only": "0fb8719b54e2c0f1",
    "ef_lstm": "711eadca26227f3d",
    "ef_lstm_mosei": "e231a5909bc613dd",
    "lf_lstm": "a264b1a4eb7f0a99",
    "lf_lstm_mosei": "800fc4b71c1de42e",
    "tfn": "a2c3c766304b5c64",
    "tfn_mosei": "29b2ad095b5ab52e",
    "raven": "56e4e4de792c5e06",
    "mctn": "a291bf0fb96eb7fe",
    "mult": "38accbd9dfbe332d",
    "mult_mosei": "29e085afcf61b0a9",
    "spt": "8b1bc57357a7bbee",
    "spt_mosei": "8b1bc57357a7bbee",
    "mag_bert": "06bcf266a9a4ee11",
    "self_mm": "b5df894edeb88899",
    "self_mm_mosei": "f9f9347152b91cca",
    "self_mm_sims": "8142cb2b21d98525",
}


@pytest.mark.parametrize("preset", KEYS_OF_0_1)
def test_a_key_stays_when_a_later_version_adds_options(preset):
    aligned = {"alignment": "aligned"} if preset in ("mag_bert", "tfn", "tfn_mosei") else {}
    config = resolve({"preset": preset}, aligned)
    assert trial_key(config, **{**PARTS, "numerics": 2}) == KEYS_OF_0_1[preset]
