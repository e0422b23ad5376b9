import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest
import yaml

from sugrm.config.sections.datasets import known_datasets, loading, packaged_datasets
from sugrm.data import DatasetDescription, load_dataset
from sugrm.errors import ArgumentError, DataError
from sugrm.types import Modality, Split

OWN = {"name": "own", "label_bound": 2, "metrics": "regression"}


def plug_in(monkeypatch, name, value):
    entry = EntryPoint(name, value, loading.GROUP)
    monkeypatch.setattr(loading, "entry_points", lambda group: (entry,))


def test_the_five_datasets_are_known():
    assert packaged_datasets() == ("mosei", "mosi", "sims", "simsv2", "synthetic")


@pytest.mark.parametrize(
    ("name", "bound", "metrics", "vocabulary", "train"),
    [
        ("mosi", 3, "mosi", "bert-base-uncased", 1284),
        ("mosei", 3, "mosi", "bert-base-uncased", 16326),
        ("sims", 1, "sims", "bert-base-chinese", 1368),
        ("simsv2", 1, "sims", "bert-base-chinese", 2722),
        ("synthetic", 3, "mosi", None, None),
    ],
)
def test_a_name_gives_the_published_facts(name, bound, metrics, vocabulary, train):
    found = load_dataset(name)
    assert (found.name, found.label_bound, found.metrics) == (name, bound, metrics)
    assert (found.vocabulary, found.splits.get(Split.TRAIN)) == (vocabulary, train)


def test_ch_sims_has_a_human_label_of_each_modality():
    assert load_dataset("sims").unimodal_labels == {
        Modality.TEXT: "regression_labels_T",
        Modality.AUDIO: "regression_labels_A",
        Modality.VISION: "regression_labels_V",
    }


@pytest.mark.parametrize("suffix", ["yaml", "yml", "YAML"])
def test_a_yaml_file_gives_its_description(tmp_path, suffix):
    file = tmp_path / f"any.{suffix}"
    file.write_text("name: own\ntitle: Mein Satz\nlabel_bound: 2.5\nmetrics: regression\n")
    assert load_dataset(str(file)) == load_dataset(file)
    assert load_dataset(file).label_bound == 2.5


def test_a_description_is_given_back_and_its_own_dump_gives_it_again():
    sims = load_dataset("sims")
    assert load_dataset(sims) is sims
    assert load_dataset(sims.model_dump(mode="json")) == sims
    assert DatasetDescription.model_validate_json(sims.model_dump_json()) == sims


def test_the_title_is_the_name_where_there_is_none():
    assert load_dataset(OWN).title == "own"


def test_an_unknown_name_names_the_known_ones_and_the_nearest():
    with pytest.raises(ArgumentError, match=r"'mosl' is unknown \(did you mean 'mosi'") as error:
        load_dataset("mosl")
    assert "mosei, mosi, sims, simsv2, synthetic" in str(error.value)
    with pytest.raises(ArgumentError, match="did you mean 'sims'"):
        load_dataset("SIMS")


@pytest.mark.parametrize("value", [None, 3, True, ["mosi"], b"mosi"])
def test_another_type_is_refused(value):
    with pytest.raises(ArgumentError, match=r"dataset is of type .*; expected one of mosei"):
        load_dataset(value)


def test_all_faults_of_a_description_are_named_at_once():
    faulty = {
        "name": "two words",
        "label_bound": "3",
        "metric": "sims",
        "unimodal_labels": {"speech": "regression_labels_A"},
        "splits": {"train": 0},
    }
    with pytest.raises(DataError) as error:
        load_dataset(faulty)
    message = str(error.value)
    for fault in ("name: ", "label_bound: ", "metrics is missing", "unimodal_labels.speech: "):
        assert fault in message
    assert "metric is unknown (did you mean metrics?)" in message
    assert "splits.train: " in message


@pytest.mark.parametrize("bound", [0, -1, float("inf"), float("nan"), True, "1", None])
def test_a_bound_is_a_positive_number(bound):
    with pytest.raises(DataError, match="label_bound"):
        load_dataset(OWN | {"label_bound": bound})


@pytest.mark.parametrize(("metrics", "bound"), [("sims", 3), ("mosi", 1), ("mosi", 2)])
def test_metrics_with_classes_need_the_labels_they_are_defined_for(metrics, bound):
    with pytest.raises(DataError, match=f"metrics: {metrics} is defined for labels in"):
        load_dataset(OWN | {"metrics": metrics, "label_bound": bound})


def test_a_packaged_name_with_other_fields_is_refused():
    with pytest.raises(DataError, match="has the name sims of a dataset that comes with"):
        load_dataset(OWN | {"name": "sims"})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name: [", r"cannot be read as YAML: .*line 1"),
        (b"\xff\xfe\x00", "cannot be read as YAML"),
        (b"- mosi", "holds list, no description"),
        (b"", "holds NoneType, no description"),
        (b"!!python/object/apply:os.getcwd []", "cannot be read as YAML"),
        (b"#" * 70_000, "larger than 64 KiB"),
    ],
)
def test_a_file_that_holds_no_description_is_named(tmp_path, content, message):
    file = tmp_path / "own.yaml"
    file.write_bytes(content)
    with pytest.raises(DataError, match=message) as error:
        load_dataset(file)
    assert str(file) in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        load_dataset(tmp_path / "own.yaml")
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(DataError, match="is no file"):
        load_dataset(tmp_path / "folder.yaml")


def test_an_installed_package_adds_a_dataset(monkeypatch, tmp_path):
    (tmp_path / "plug_in_of_a_test.py").write_text(
        f"OWN = {OWN}\nOWN_FILE = {str(tmp_path / 'own.yaml')!r}\nBAD = 3\n"
    )
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(OWN))
    monkeypatch.syspath_prepend(tmp_path)
    for member in ("OWN", "OWN_FILE"):
        plug_in(monkeypatch, "own", f"plug_in_of_a_test:{member}")
        assert known_datasets()[-1] == "own"
        assert load_dataset("own") == load_dataset(OWN)
    plug_in(monkeypatch, "own", "plug_in_of_a_test:BAD")
    with pytest.raises(DataError, match=r"the entry point own of sugrm\.datasets holds int"):
        load_dataset("own")


def test_a_package_that_cannot_be_loaded_is_named(monkeypatch):
    plug_in(monkeypatch, "own", "no_such_package:OWN")
    with pytest.raises(DataError, match=r"entry point own .* cannot be loaded: No module named"):
        load_dataset("own")


def test_a_packaged_dataset_is_no_plug_in_s_to_replace(monkeypatch):
    plug_in(monkeypatch, "mosi", "no_such_package:OWN")
    assert load_dataset("mosi").label_bound == 3


@pytest.mark.slow
def test_datasets_are_described_without_pytorch_and_arrow():
    code = (
        "import sys, sugrm.config.sections.datasets as d; d.load_dataset('sims'); "
        "print({'torch', 'pyarrow'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
