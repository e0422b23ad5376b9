import pytest

from search.errors import SpaceError
from search.plan import build_plan
from search.space import Space
from search.space.reading import load_space
from search.space.reading.components import COMPONENTS, Component

SPACE = """\
name: parts
data: {dataset: synthetic}
experiment: {preset: [mosi, paper]}
ablations:
  parts:
    baseline: {model.encoder.heads: 4}
    leave_one_out: [recalibration, sequence encoder]
    last: {model.width: 16}
  own:
    baseline: {model: {output_dropout: 0.2}}
    leave_one_out:
      output dropout: {model.output_dropout: 0.0}
      SPT: {model.encoder: {name: lstm}}
"""
KNOWN = ", ".join(COMPONENTS)
OWN = "own names with changes, as in {dropout: {model.output_dropout: 0.0}}"


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def load_(*overrides, text=SPACE):
        (tmp_path / "a.yaml").write_text(text)
        return load_space("a.yaml", overrides=overrides)

    return load_


def refusal(load, *overrides, text=SPACE):
    with pytest.raises(SpaceError) as caught:
        load(*overrides, text=text)
    return str(caught.value)


def test_each_component_becomes_a_cell_over_the_changes_of_the_baseline(load):
    assert load().ablations["parts"] == {
        "baseline": {"model.encoder.heads": 4},
        "without recalibration": {"model.encoder.heads": 4, "model.recalibration": "none"},
        "without sequence encoder": {"model.encoder.name": "lstm"},  # an LSTM has no heads
        "last": {"model.width": 16},
    }


def test_own_names_are_left_out_by_their_own_changes(load):
    assert load().ablations["own"] == {
        "baseline": {"model": {"output_dropout": 0.2}},
        "without output dropout": {"model.output_dropout": 0.0},
        "without SPT": {"model.output_dropout": 0.2, "model.encoder.name": "lstm"},
    }


def test_a_cell_differs_from_the_baseline_in_its_component_alone(load):
    space = load()
    cells = space.ablations["parts"]
    whole = space.experiment_of(cells["baseline"]).model_dump()
    without = space.experiment_of(cells["without recalibration"]).model_dump()
    whole["model"]["recalibration"] = "none"
    assert without == whole


@pytest.mark.parametrize("system", ["{}", "{name: self_mm}"])
@pytest.mark.parametrize("tasks", ["", "[M, T, A, V]", "[M, V]"])
def test_a_stream_leaves_with_its_task_whether_tasks_are_listed_or_not(load, system, tasks):
    objective = "{labels: {name: self_mm}" + (f", tasks: {tasks}" if tasks else "") + "}"
    space = load(
        f"experiment.model={system}",
        f"experiment.objective={objective}",
        "ablations={streams: {baseline: {}, leave_one_out: [text modality, vision modality]}}",
    )
    cells = space.ablations["streams"]
    found = {name: space.experiment_of(changes) for name, changes in cells.items()}
    given = "MTAV" if tasks != "[M, V]" else "MV"
    assert {name: "".join(config.objective.tasks) for name, config in found.items()} == {
        "baseline": given,
        "without text modality": given.replace("T", ""),
        "without vision modality": given.replace("V", ""),
    }
    assert [list(config.model.streams) for config in found.values()] == [
        ["text", "audio", "vision"],
        ["audio", "vision"],
        ["text", "audio"],
    ]


def test_a_baseline_keeps_its_own_presets(load):
    cells = load("ablations.parts.baseline={preset: [mosei, released]}").ablations["parts"]
    assert cells["without recalibration"] == {
        "preset": ["mosei", "released"],
        "model.recalibration": "none",
    }


def test_the_plan_and_the_record_of_a_run_know_ordinary_cells(load):
    space = load()
    assert [cell.name for cell in build_plan(space).cells if cell.group == "parts"] == [
        "baseline",
        "without recalibration",
        "without sequence encoder",
        "last",
    ]
    assert "leave_one_out" not in str(space.to_dict())
    assert Space.model_validate(space.to_dict()).with_origin(space.origin) == space


def test_overrides_name_components_and_options(load):
    cells = load("ablations.parts.leave_one_out=[text task]").ablations["parts"]
    assert cells["without text task"]["objective.tasks"] == ["M", "A", "V"]
    own = load("ablations.own.leave_one_out.half width.model.width=16").ablations["own"]
    assert own["without half width"] == {"model.output_dropout": 0.2, "model.width": 16}
    assert list(load("ablations.parts.leave_one_out=").ablations["parts"]) == ["baseline", "last"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            "[recalibration,",
            "[recalibraton,",
            "a.yaml:7:21: ablations.parts.leave_one_out[0]: unknown component; "
            f"got 'recalibraton'; expected one of {KNOWN}; or {OWN}; did you mean recalibration?",
        ),
        (
            "sequence encoder]",
            "recalibration]",
            "a.yaml:7:36: ablations.parts.leave_one_out[1]: named twice; got 'recalibration'; "
            "expected each component once",
        ),
        (
            "heads: 4}",
            "heads: 4, objective.tasks: [M], model.recalibration: none}",
            "a.yaml:7:21: ablations.parts.leave_one_out[0]: the baseline (model.name: sugrm) has "
            f"no recalibration to leave out; expected one of sequence encoder, text modality, "
            f"audio modality, vision modality; or {OWN}",
        ),
        (
            "{model.encoder.heads: 4}",
            "{model.name: text_only}",
            "a.yaml:7:21: ablations.parts.leave_one_out[0]: the baseline (model.name: text_only) "
            f"has no recalibration to leave out; expected {OWN}\n"
            "a.yaml:7:36: ablations.parts.leave_one_out[1]: the baseline (model.name: text_only) "
            f"has no sequence encoder to leave out; expected {OWN}",
        ),
        (
            "    baseline: {model.encoder.heads: 4}\n",
            "",
            "a.yaml:6:5: ablations.parts.leave_one_out: the group has no cell baseline to leave "
            "components out of; expected baseline: {} beside it, or with changes",
        ),
        (
            "last:",
            "without recalibration:",
            "a.yaml:7:21: ablations.parts.leave_one_out[0]: the group has a cell "
            "'without recalibration' already; expected one of the two",
        ),
        (
            "[recalibration, sequence encoder]",
            "[]",
            "a.yaml:7:20: ablations.parts.leave_one_out: names no component; got []; "
            f"expected a list of {KNOWN}; or {OWN}",
        ),
        (
            "[recalibration, sequence encoder]",
            "recalibration",
            "a.yaml:7:20: ablations.parts.leave_one_out: names no component; got 'recalibration'; "
            f"expected a list of {KNOWN}; or {OWN}",
        ),
        (
            "{model.output_dropout: 0.0}",
            "0.0",
            "a.yaml:12:23: ablations.own.leave_one_out.output dropout: not allowed; got 0.0; "
            "expected a mapping of keys to values",
        ),
        (
            "{model.output_dropout: 0.0}",
            "{model.output_dropout: 0.2}",
            "a.yaml:12:23: ablations.own.leave_one_out.output dropout: changes nothing: the "
            'baseline has these values; got {"model.output_dropout": 0.2}; '
            "expected the values that leave the component out",
        ),
        (
            "{model.output_dropout: 0.0}",
            "{model.output_dropot: 0.0}",
            "a.yaml:12:24: ablations.own.leave_one_out.output dropout.model.output_dropot: "
            "unknown option; did you mean model.output_dropout?",
        ),
        (
            "heads: 4}",
            "heads: 5}",
            "a.yaml:6:15: ablations.parts.baseline: width 32 is not a multiple of encoder.heads 5: "
            "choose heads that divide width",
        ),
    ],
)
def test_a_faulty_leave_one_out_is_named_with_its_place(load, old, new, line):
    assert old in SPACE
    assert refusal(load, text=SPACE.replace(old, new, 1)) == line


def test_the_components_are_checked_also_beside_a_faulty_baseline(load):
    """Every fault is named at once; what only a sound baseline shows is left for later."""
    faulty = SPACE.replace("{model: {output_dropout: 0.2}}", "3").replace("name: lstm", "name: gru")
    assert refusal(load, text=faulty).splitlines() == [
        "a.yaml:10:15: ablations.own.baseline: not allowed; got 3; "
        "expected a mapping of keys to values",
        "a.yaml:13:35: ablations.own.leave_one_out.SPT.model.encoder.name: unknown value; "
        "got 'gru'; expected one of spt, transformer, lstm",
    ]


def test_a_component_that_the_baseline_cannot_do_without_is_refused(load, monkeypatch):
    """As where audio and vision alone would have to be aligned to the text."""
    part = Component("", lambda options: {"model.width": 30})
    monkeypatch.setattr(
        "search.space.reading.leave_one_out.COMPONENTS", {**COMPONENTS, "recalibration": part}
    )
    assert refusal(load, "ablations.own={}") == (
        "a.yaml:7:21: ablations.parts.leave_one_out[0]: the baseline cannot do without its "
        "recalibration: width 30 is not a multiple of encoder.heads 4: "
        "choose heads that divide width"
    )
