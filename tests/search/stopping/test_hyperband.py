from collections import Counter

import pytest

from search.stopping.hyperband import Hyperband, sizes, turns


@pytest.mark.parametrize(
    ("brackets", "reduction", "expected"),
    [
        (5, 3, [81, 34, 15, 8, 5]),  # 5/5 * 81, 5/4 * 27, 5/3 * 9, 5/2 * 3, 5/1 * 1, rounded up
        (2, 2, [2, 2]),  # 2/2 * 2, 2/1 * 1
        (1, 3, [1]),
    ],
)
def test_brackets_have_sizes_of_about_equal_cost(brackets, reduction, expected):
    assert sizes(brackets, reduction) == expected


def test_any_stretch_of_numbers_is_shared_as_the_whole():
    """9 : 5 : 3 of 17, so any 17 in a row hold exactly these."""
    hyperband = Hyperband(min_epochs=1, reduction=3, max_epochs=9)
    for start in (0, 5, 40):
        found = Counter(hyperband.bracket(number) for number in range(start, start + 17))
        assert found == {0: 9, 1: 5, 2: 3}


def test_turns_do_not_cluster():
    assert turns([2, 1, 1]) == [0, 1, 2, 0]


def test_brackets_judge_at_their_own_epochs_and_apart_from_each_other():
    """Of 1, 2 and 4 epochs: bracket 0 judges at 1, bracket 1 at 2, bracket 2 never."""
    hyperband = Hyperband(min_epochs=1, reduction=2, max_epochs=4)
    numbers = {bracket: [] for bracket in range(3)}
    for number in range(60):
        numbers[hyperband.bracket(number)].append(number)
    stopped = {}
    for bracket, members in numbers.items():
        good, bad = members[:2]
        for epoch in (1, 2, 4):
            hyperband.record_and_decide(str(good), good, epoch=epoch, score=1.0)
        stopped[bracket] = [
            epoch
            for epoch in (1, 2, 4)
            if hyperband.record_and_decide(str(bad), bad, epoch=epoch, score=0.0)
        ]
    assert stopped == {0: [1, 2, 4], 1: [2, 4], 2: []}


def test_too_few_epochs_for_two_brackets_stop_nothing():
    hyperband = Hyperband(min_epochs=3, reduction=3, max_epochs=5)
    assert not any(
        hyperband.record_and_decide(str(n), n, epoch=3, score=-float(n)) for n in range(20)
    )
