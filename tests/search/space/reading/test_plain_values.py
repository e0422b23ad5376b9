"""Spaces given as dicts: the same checks as for a file, and messages that name the key."""

import datetime
from enum import StrEnum
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from search.errors import SpaceError
from search.space.findings import Findings
from search.space.reading import load_space
from search.space.reading.document import construct
from search.space.reading.nodes import compose, text_of
from search.space.reading.plain_values import compose_values
from tests.search.conftest import MINI


class Losses(StrEnum):
    L2 = "l2"


TRICKY = ["yes", "off", "1e-5", "null", "~", "", "0x1", "1_0", "2024-01-01", "<<", "# a", "a: b"]
TEXTS = st.sampled_from(TRICKY) | st.text(max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


def mini(**sections):
    return {**yaml.safe_load(MINI), **sections}


def refusal(values, **options):
    with pytest.raises(SpaceError) as caught:
        load_space(values, **options)
    return str(caught.value)


@pytest.mark.slow
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_the_text_of_a_dict_gives_the_same_values_again(values):
    findings = Findings()
    root = compose_values(values, findings=findings)
    assert construct(root) == values
    again = compose(text_of(root), "text", findings=findings)
    findings.raise_any()
    assert construct(again) == values


def test_a_dict_gives_the_space_of_a_file_with_the_same_keys(mini_file):
    from_file = load_space(mini_file, overrides=["search.trials=3"])
    from_dict = load_space(mini(), overrides=["search.trials=3"])
    assert from_dict.to_dict() == from_file.to_dict()
    assert from_dict.origin.path is None
    assert from_dict.origin.source.endswith("\n# --set search.trials=3\n")


def test_numbers_of_numpy_paths_tuples_and_enumerations_are_plain_values():
    parameters = {
        "training.learning_rate.others": {"low": np.float64(1e-4), "high": 0.5, "log": np.True_},
        "objective.loss": {"choice": ("l1", Losses.L2)},
    }
    search = {"trials": np.int64(3), "seed": 7, "parameters": parameters}
    data = {"dataset": "mosi", "unaligned": Path("a.pkl")}
    space = load_space(mini(data=data, search=search, ablations={"on": {"yes": {}}}))
    assert space.search.trials == 3
    rate = space.search.parameters["training.learning_rate.others"]
    assert (rate.low, rate.log) == (1e-4, True)
    assert space.search.parameters["objective.loss"].choice == ("l1", "l2")
    assert space.data.unaligned == "a.pkl"
    assert space.ablations == {"on": {"yes": {}}}


def test_faults_name_the_dotted_key_in_the_order_of_the_dict():
    faults = refusal(mini(seeds="1", experiment={"model": {"width": "4"}, "colour": {}}))
    first, second, third = faults.splitlines()
    assert first.startswith("the space: experiment.model.width: not allowed; got the text '4'")
    assert second.startswith("the space: experiment.colour: unknown key")
    assert third == "the space: seeds: not allowed; got '1'; expected a list"


@pytest.mark.parametrize(
    ("value", "shown", "help_"),
    [
        (np.array([8, 16]), "array([ 8, 16]) (numpy.ndarray)", ".tolist() makes a list"),
        ({8}, "{8} (set)", "list(...) makes a list"),
        (range(2), "range(0, 2) (range)", "list(...) makes a list"),
        (datetime.date(2026, 1, 2), "(datetime.date)", ""),
        (len, "<built-in function len> (builtin_function_or_method)", ""),
        (1j, "1j (complex)", ""),
        (np.datetime64("2026-01-02"), "(datetime.date)", ""),
    ],
)
def test_a_value_that_no_file_could_hold_is_refused(value, shown, help_):
    message = refusal(mini(seeds=[1, value]))
    assert message.startswith("the space: seeds[1]: not plain data: ")
    assert shown in message
    assert "expected text, a number, True, False, None, a list or a dict" in message
    assert help_ in message


def test_options_as_objects_are_refused_with_what_makes_them_plain():
    sampler = load_space(mini()).search.sampler
    assert ".model_dump() makes a dict" in refusal(mini(search={"sampler": sampler}))


def test_every_value_that_is_not_plain_is_named():
    message = refusal(mini(seeds=[{1}, {2}], budget={3: 4}))
    assert [line.split(": ")[1] for line in message.splitlines()] == [
        "seeds[0]",
        "seeds[1]",
        "budget",
    ]
    assert "a key that is no text: 3 (int)" in message


def test_a_dict_that_contains_itself_is_refused():
    endless = mini()
    endless["experiment"] = endless
    assert "nest too deeply" in refusal(endless)


@pytest.mark.slow
def test_a_huge_dict_is_refused_at_once():
    assert "more than 25000 keys and values" in refusal(mini(seeds=list(range(10**5))))


def test_a_merge_key_is_a_key_like_any_other():
    message = refusal(mini(**{"<<": {}}))
    assert message.startswith("the space: <<: unknown key")
