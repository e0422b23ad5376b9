import time

import pytest

from sugrm.data.reading.problems import Problems
from sugrm.errors import DataError


def message(problems):
    with pytest.raises(DataError) as caught:
        problems.raise_if_any()
    return str(caught.value)


def test_places_of_one_problem_stand_in_one_line_and_are_counted(tmp_path):
    problems = Problems(tmp_path / "f")
    for row in range(10):
        problems.add(None, f"row {row}", got="1", expected="a text", advice="write texts")
    shown = message(problems)
    assert "10 problems in the feature file" in shown
    assert "row 6, row 7 and 2 more: got 1, expected a text; write texts" in shown
    assert "row 8" not in shown


def test_problems_of_several_files_stand_below_the_name_of_their_file(tmp_path):
    audio, table = tmp_path / "a.npz", tmp_path / "t.csv"
    problems = Problems(table, what="the table", frames={"audio": audio})
    problems.add(None, "audio", got="1", expected="2", advice="extract again")
    problems.add(None, "line 3", got="no text", expected="a text", advice="write one")
    problems.add("test", "audio", got="1", expected="2", advice="extract again")
    assert message(problems).splitlines() == [
        f"{table}: 1 problem in the table",
        "  line 3: got no text, expected a text; write one",
        f"{audio}: 2 problems in the file of audio",
        "  audio, test.audio: got 1, expected 2; extract again",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("kinds", [1, 50_000])
def test_many_problems_take_little_time_and_a_short_message(tmp_path, kinds):
    problems, begin = Problems(tmp_path / "f"), time.process_time()
    for row in range(50_000):
        problems.add("train", f"row {row}", got=str(row % kinds), expected="a", advice="b")
    shown = message(problems)
    assert time.process_time() - begin < 2
    assert "50000 problems" in shown
    assert len(shown) < 3000
