import pytest

from reports.ledger.trials import option_value
from reports.published.setup import datasets_with_splits, published_settings, published_splits
from sugrm.config import resolve


def test_the_split_sizes_are_those_of_table_6():
    assert datasets_with_splits() == ("mosi", "mosei")
    assert published_splits("mosi") == {"train": 1284, "valid": 229, "test": 686}
    assert published_splits("mosei") == {"train": 16326, "valid": 1871, "test": 4659}
    assert published_splits("synthetic") == {}


@pytest.mark.parametrize("dataset", ["mosi", "mosei"])
def test_every_setting_of_table_7_is_an_option_with_the_value_of_the_preset(dataset):
    """The presets were written from the same table on their own."""
    config = resolve({"preset": [dataset, "paper"]}).model_dump(mode="json")
    for setting in published_settings():
        values = [option_value(config, option) for option in setting.options]
        assert next(value for value in values if value is not None) == setting.values[dataset]


def test_table_7_has_thirteen_lines_here():
    """Its one rate for all but BERT makes two: SPT's and that of the rest."""
    labels = [setting.label for setting in published_settings()]
    assert len(labels) == len(set(labels)) == 13
