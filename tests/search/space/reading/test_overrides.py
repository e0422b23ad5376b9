import pytest

from search.errors import SpaceError
from search.space.findings import Findings
from search.space.reading.document import construct
from search.space.reading.nodes import compose
from search.space.reading.overrides import apply_data, apply_overrides

SPACE = """
data: {dataset: mosi}
experiment: {alignment: aligned}
search:
  parameters:
    training.batch_size: {choice: [16, 32]}
confirm:
ablations: {modules: {baseline: {}, no MRM: {model.recalibration: none}}}
"""


def applied(*overrides, data=()):
    findings = Findings()
    root = apply_overrides(
        compose(SPACE, "a.yaml", findings=findings), overrides, findings=findings
    )
    root = apply_data(root, data, findings=findings)
    findings.raise_any()
    return construct(root)


def test_a_value_is_read_as_yaml_and_missing_sections_are_made():
    values = applied("experiment.training.learning_rate.text=1e-5", "confirm.seeds=[1, 2]")
    assert values["experiment"] == {
        "alignment": "aligned",
        "training": {"learning_rate": {"text": 1e-5}},
    }
    assert values["confirm"] == {"seeds": [1, 2]}


def test_keys_with_dots_are_found_as_written():
    values = applied(
        "search.parameters.training.batch_size.choice=[8]",
        "search.parameters.model.width={choice: [16, 32]}",
        "ablations.modules.no MRM.model.width=16",
        "ablations.heads.four.model.encoder.heads=4",
    )
    assert values["search"]["parameters"] == {
        "training.batch_size": {"choice": [8]},
        "model.width": {"choice": [16, 32]},
    }
    assert values["ablations"]["modules"]["no MRM"] == {
        "model.recalibration": "none",
        "model.width": 16,
    }
    assert values["ablations"]["heads"] == {"four": {"model.encoder.heads": 4}}


def test_the_last_override_of_a_key_wins_and_an_empty_one_is_null():
    assert applied("name=a", "name=b")["name"] == "b"
    assert applied("experiment=")["experiment"] is None


def test_an_override_leaves_other_uses_of_an_anchor_alone():
    findings = Findings()
    root = compose("a: &x {v: 1}\nb: *x", "a.yaml", findings=findings)
    assert construct(apply_overrides(root, ["b.v=2"], findings=findings)) == {
        "a": {"v": 1},
        "b": {"v": 2},
    }


def test_data_goes_to_the_alignment_of_the_experiment_or_to_the_named_one():
    assert applied(data=["x.pkl"])["data"] == {"dataset": "mosi", "aligned": "x.pkl"}
    both = applied(data=["unaligned=a=b.pkl", "aligned=./1e3"])["data"]
    assert (both["unaligned"], both["aligned"]) == ("a=b.pkl", "./1e3")


def test_one_file_a_modality_takes_the_place_of_the_unaligned_file_and_the_other_way_round():
    own = "data={dataset: mosi, unaligned: u.pkl, aligned: a.pkl}"
    files = applied(own, data=["text=t.csv", "vision=v=1.npz"])["data"]
    assert files == {
        "dataset": "mosi",
        "unaligned": None,
        "aligned": "a.pkl",
        "text": "t.csv",
        "vision": "v=1.npz",
    }
    back = applied("data={dataset: mosi, text: t.csv, audio: a.npz}", data=["unaligned=u.pkl"])
    assert back["data"] == {"dataset": "mosi", "text": None, "audio": None, "unaligned": "u.pkl"}


def test_both_kinds_of_unaligned_files_in_one_command_are_left_to_be_refused():
    given = applied(data=["text=t.csv", "unaligned=u.pkl"])["data"]
    assert (given["text"], given["unaligned"]) == ("t.csv", "u.pkl")


@pytest.mark.parametrize(
    ("overrides", "data", "line"),
    [
        (["trials"], [], "--set trials: not an override; expected key=value"),
        (["a..b=1"], [], "--set a..b=1: not an override; expected key=value"),
        (
            ["data.dataset.x=1"],
            [],
            "--set data.dataset.x=1: data.dataset is a single value, which has no 'x': "
            "set data.dataset as a whole; expected a key of a section",
        ),
        (
            ["search.parameters.training.batch_size.choice.0=1"],
            [],
            "--set search.parameters.training.batch_size.choice.0=1: "
            "search.parameters.training.batch_size.choice is a list, which has no '0': "
            "set search.parameters.training.batch_size.choice as a whole; "
            "expected a key of a section",
        ),
        (
            [],
            ["alined=x.pkl"],
            "--data alined=x.pkl: unknown kind of file 'alined'; expected one of unaligned, "
            "aligned, text, audio, vision; did you mean aligned?",
        ),
        ([], ["aligned="], "--data aligned=: no path; expected --data aligned=PATH"),
        (
            ["data.dataset=synthetic"],
            ["x.pkl"],
            "--data x.pkl: the space's dataset is synthetic: it is generated, not read from a "
            "file; "
            "expected no --data, or another dataset, as in --set data.dataset=mosi",
        ),
    ],
)
def test_a_faulty_override_is_named_as_it_was_given(overrides, data, line):
    with pytest.raises(SpaceError) as caught:
        applied(*overrides, data=data)
    assert str(caught.value) == line
