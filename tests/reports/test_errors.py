from reports.errors import ReportError, UnknownNameError


def test_an_unknown_name_lists_the_known_ones_and_the_nearest():
    error = UnknownNameError("table", "leaderbord", known=["summary", "leaderboard"])
    assert isinstance(error, ReportError)
    assert str(error) == (
        "unknown table 'leaderbord': expected one of leaderboard, summary; "
        "did you mean 'leaderboard'?"
    )


def test_of_thousands_of_names_the_first_are_listed_and_all_are_counted():
    names = [f"key{number:04}" for number in range(2000)]
    text = str(UnknownNameError("key of a trial", "key1x99", known=names, most=3))
    assert "key0002, ... (2000 in all)" in text
    assert len(text) < 120
    assert "did you mean 'key1" in text


def test_a_far_name_gets_no_guess():
    assert "did you mean" not in str(UnknownNameError("format", "xyz", known=["md", "csv"]))
