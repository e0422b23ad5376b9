import pytest
import yaml
from pydantic import ValidationError

from sugrm.config import DataConfig
from sugrm.data import load_dataset

OWN = {"name": "own", "label_bound": 2, "metrics": "regression"}


def recorded(dataset):
    return DataConfig(dataset=dataset).model_dump(mode="json")["dataset"]


@pytest.mark.parametrize("name", ["mosi", "mosei", "sims", "simsv2", "synthetic"])
def test_a_packaged_dataset_is_recorded_by_its_name(name):
    assert recorded(name) == name
    assert recorded(load_dataset(name)) == name
    assert recorded(load_dataset(name).model_dump(mode="json")) == name
    assert DataConfig(dataset=name).description == load_dataset(name)


def test_a_file_and_a_mapping_are_recorded_whole(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(yaml.safe_dump(OWN))
    config = DataConfig(dataset=str(file))
    assert config == DataConfig(dataset=OWN)
    file.unlink()
    again = DataConfig.model_validate_json(config.model_dump_json(), strict=True)
    assert again.description == load_dataset(OWN)
    assert recorded(OWN) == load_dataset(OWN).model_dump(mode="json")


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ("mosy", r"did you mean 'mosi'\?"),
        (None, "dataset is of type NoneType"),
        ("nowhere.yaml", "nowhere.yaml does not exist"),
        ({**OWN, "name": "sims"}, "has the name sims of a dataset that comes with"),
        ({**OWN, "metrics": "mosi"}, "expected label_bound: 3, or metrics: regression"),
        ({**OWN, "label_bound": -2}, "greater than 0"),
    ],
)
def test_what_is_no_dataset_is_refused(dataset, message):
    with pytest.raises(ValidationError, match=message):
        DataConfig(dataset=dataset)


@pytest.mark.parametrize(
    ("files", "unaligned", "aligned"),
    [
        ({}, None, None),
        ({"unaligned": "u", "aligned": "a"}, "u", "a"),
        ({"text": "t", "aligned": "a"}, {"text": "t"}, "a"),
        ({"vision": "v", "text": "t"}, {"text": "t", "vision": "v"}, None),
    ],
)
def test_the_files_of_an_alignment(files, unaligned, aligned):
    config = DataConfig(dataset="mosi", **files)
    assert (config.files("unaligned"), config.files("aligned")) == (unaligned, aligned)


@pytest.mark.parametrize(
    "files", [{"text": "t", "unaligned": "u"}, {"audio": "a"}, {"vision": "v"}]
)
def test_files_that_do_not_go_together_are_refused(files):
    with pytest.raises(ValidationError, match=r"both name the unaligned data|needs the file text"):
        DataConfig(dataset="mosi", **files)
