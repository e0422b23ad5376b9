"""Utterances that share an id in a feature file get distinct names."""

import re
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.ledger import distinct
from sugrm.data import id_warnings, import_features
from sugrm.data.names import distinct_names, video_of

NAMES = st.lists(st.sampled_from(["a", "b", "a#2", "a#3", "a#2#2", "", "#2"]))


@pytest.mark.slow
@given(NAMES)
def test_no_two_names_are_equal_and_the_first_of_each_stays(names):
    found = distinct_names(names)
    assert len(set(found)) == len(names)
    for place, name in enumerate(names):
        assert found[place].startswith(name)
        if name not in names[:place]:
            assert found[place] == name


@pytest.mark.slow
@given(NAMES)
def test_reports_of_earlier_ledgers_use_the_same_names(names):
    assert distinct.distinct_names(names) == distinct_names(names)


@pytest.fixture
def imported(tree, save, tmp_path):
    """Return a corpus in which the first two training utterances share an id."""
    tree["train"]["id"][1] = tree["train"]["id"][0]
    return import_features(save(tree), cache=tmp_path / "cache")


def test_every_utterance_of_a_corpus_has_a_name_of_its_own(imported):
    assert imported.splits["train"].ids == ["video$_$0", "video$_$0#2", "video$_$2"]
    assert imported.splits["test"].ids == ["video$_$0", "video$_$1"]


def test_the_same_id_in_two_splits_is_no_repetition(imported):
    (line,) = id_warnings(imported)
    assert line.startswith("unaligned data, train: 1 of 3 utterances repeat the id of an earlier")
    assert "'video$_$0#2'" in line


def test_a_corpus_that_another_process_opens_has_the_same_names(imported):
    constructor, arguments = imported.__reduce__()
    assert constructor(*arguments).splits["train"].ids == imported.splits["train"].ids


def test_a_file_without_repeated_ids_is_read_as_it_is(tree, save, tmp_path):
    corpus = import_features(save(tree), cache=tmp_path / "cache")
    assert id_warnings(corpus) == []
    assert corpus.splits["train"].ids == list(tree["train"]["id"])
    assert np.array_equal(corpus.splits["train"].labels, tree["train"]["regression_labels"])


@given(st.text(alphabet="a_0.5$[]", max_size=12))
def test_the_video_is_what_stands_before_the_first_number_that_reaches_the_end(name):
    number = re.search(r"(\$_\$.*|\[\d+\]|(_\d+(\.\d+)?)+)$", name)
    expected = name[: number.start()] if number else name
    assert video_of(name) == (expected or name)


@pytest.mark.parametrize("part", ["_1", "1", "_1.1", "[1", "$_", ".1"])
def test_the_video_of_a_long_name_is_found_at_once(part):
    begin = time.process_time()
    assert video_of(part * 20_000 + "x") == part * 20_000 + "x"
    assert video_of("a" + "x" + "_1" * 20_000) == "ax"
    assert time.process_time() - begin < 1
