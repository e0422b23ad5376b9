from reports.errors import ReportError, UnknownNameError


def test_an_unknown_name_lists_the_known_ones_and_the_nearest():
    error = UnknownNameError("table", "leaderbord", known=["summary", "leaderboard"])
    assert isinstance(error, ReportError)
    assert str(error) == (
        "unknown table 'leaderbord': expected one of leaderboard, summary; "
        "did you mean 'leaderboard'?"
    )


def test_a_far_name_gets_no_guess():
    assert "did you mean" not in str(UnknownNameError("format", "xyz", known=["md", "csv"]))
