"""Space files that were made to cost time or memory are short messages, as long values are."""

import json
import time

import pytest

from search.errors import SpaceError
from search.plan import build_plan
from search.space.reading import load_space
from search.space.reading.nodes import MOST_NODES

SPACE = """
name: small
data: {dataset: synthetic}
experiment: {training: {max_epochs: 1}}
ablations: {group: {baseline: {}}}
"""


def refused(folder, text, *overrides):
    """Return the lines of the message, which are few and not long."""
    path = folder / "a.yaml"
    path.write_text(text)
    with pytest.raises(SpaceError) as caught:
        load_space(path, overrides=overrides)
    lines = str(caught.value).splitlines()
    assert len(lines) <= 51
    assert max(map(len, lines)) < 1000
    return lines


def bomb(first, level):
    lines = [f"a0: &a0 {first}"]
    lines += [f"a{n}: &a{n} {level.replace('N', str(n - 1))}" for n in range(1, 12)]
    return SPACE + "\n".join(lines)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        bomb("[1]", f"[{', '.join(['*aN'] * 10)}]"),
        bomb("{b: 1}", f"{{{', '.join(f'k{n}: *aN' for n in range(10))}}}"),
        SPACE + "seeds: [" + "1," * MOST_NODES + "]",
    ],
)
def test_more_values_than_a_space_has_are_refused_before_they_are_visited(tmp_path, text):
    (line,) = refused(tmp_path, text)
    assert f"not a space: more than {MOST_NODES} keys and values" in line


def test_an_alias_may_repeat_a_value(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(
        SPACE + "seeds: &seeds [1, 2]\nsearch: {trials: 1, start: [{}, {}], "
        "parameters: {training.batch_size: {choice: [16, 32]}}}\n"
        "confirm: {seeds: *seeds}\n"
    )
    assert load_space(path).confirm.seeds == (1, 2)


def test_a_long_text_is_no_space(tmp_path):
    (line,) = refused(tmp_path, SPACE + "# " + "x" * 1_000_000)
    assert "characters; expected at most 1000000" in line


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_one_message(tmp_path, opening):
    start = "\n" if opening in ("- ", "? ") else ""
    (line,) = refused(tmp_path, f"{SPACE}x: {start}{opening * 400}1")
    assert "nest too deeply" in line


@pytest.mark.slow
def test_of_thousands_of_faults_the_first_fifty_are_shown(tmp_path):
    lines = refused(tmp_path, SPACE + "".join(f"key{n}: 1\n" for n in range(10_000)))
    assert len(lines) == 51
    assert lines[0].startswith(f"{tmp_path / 'a.yaml'}:6:1: key0: unknown key")
    assert lines[-1] == "and at least 50 more"


def test_fewer_faults_than_a_hundred_are_counted(tmp_path):
    lines = refused(tmp_path, SPACE + "".join(f"key{n}: 1\n" for n in range(60)))
    assert lines[-1] == "and 10 more"


LONG = "9" * 10_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            f"seeds=[{LONG}]",
            "seeds[0]: not allowed; got a number of 10000 digits; expected at most",
        ),
        (f"resources.cpus={LONG}", "got a number of 10000 digits"),
        (f"resources.cpus=x{LONG}", "got the text 'x999"),
        (f"name=x{LONG}", "not a valid folder name; got 'x999"),
        (f"experiment.{LONG}=1", "unknown key"),
        (f"seeds=[{','.join(['1'] * 5000)}]", "a seed is listed twice; got [1, 1,"),
        (f"{'a.' * 20_000}a=1", "not an override"),
        (f"experiment.model.name={LONG}", "unknown value"),
    ],
)
def test_no_message_echoes_a_long_value(tmp_path, override, message):
    assert message in "\n".join(refused(tmp_path, SPACE, override))


def test_a_range_of_many_whole_numbers_costs_no_more_than_another(tmp_path, capsys):
    from search.cli.main import execute

    path = tmp_path / "a.yaml"
    path.write_text(
        SPACE + "search: {trials: 3, start: [], parameters: "
        "{training.batch_size: {low: 1, high: 999999999999999999}}}\n"
    )
    assert execute(["plan", str(path)]) == 0


def test_a_choice_of_thousands_is_refused(tmp_path):
    values = ",".join(map(str, range(8, 8 * 2000, 8)))
    text = SPACE + f"search: {{trials: 3, parameters: {{model.width: {{choice: [{values}]}}}}}}\n"
    assert "at most 1000 items" in "\n".join(refused(tmp_path, text))


@pytest.mark.parametrize(
    "parameters",
    [
        "model.output_dropout: {low: 0.0, high: 0.3, step: 0.00000001}",
        "training.max_epochs: {low: 1, high: 900000000000000001, step: 1}",
    ],
)
def test_the_values_of_a_fine_step_are_not_listed(tmp_path, parameters):
    path = tmp_path / "a.yaml"
    path.write_text(f"{SPACE}search: {{trials: 1, start: [], parameters: {{{parameters}}}}}\n")
    began = time.perf_counter()
    space = load_space(path)
    assert build_plan(space).configurations > 10**7
    assert time.perf_counter() - began < 5


@pytest.mark.slow
def test_a_condition_on_many_choices_is_not_tried_in_all_of_its_settings(tmp_path):
    options = ("model.width", "training.batch_size", "training.patience", "training.max_epochs")
    values = [8 * number for number in range(1, 31)]  # 30**4 settings
    parameters = {option: {"choice": values} for option in options}
    parameters["model.output_dropout"] = {
        "low": 0.0,
        "high": 0.5,
        "when": dict.fromkeys(options, values),
    }
    search = {"trials": 1, "start": [], "parameters": parameters}
    path = tmp_path / "a.yaml"
    path.write_text(f"{SPACE}search: {json.dumps(search)}\n")
    began = time.perf_counter()
    load_space(path)
    assert time.perf_counter() - began < 30
