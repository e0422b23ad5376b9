"""Cells whose values do not go together: the run says so in one line and runs the others."""

import pytest

from search.trials.factory import TrialFactory

CELLS = "ablations={one: {baseline: {}, odd: {training.batch_size: 8, training.device: auto}}}"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (
            {"training.batch_size": 0},
            "training.batch_size: not allowed; got 0; expected at least 1",
        ),
        (
            {"training.batch_size": 0, "training.device": 1},
            "training.batch_size: not allowed; got 0; expected at least 1; and 1 more",
        ),
    ],
)
def test_a_cell_that_is_refused_is_one_line_with_value_rule_and_next_step(
    command, monkeypatch, values, reason
):
    """As after a change of the rules for its values: loading a space checks its cells."""
    trial = TrialFactory.trial
    monkeypatch.setattr(
        TrialFactory,
        "trial",
        lambda self, changes, seed: trial(self, {**changes, **values} if changes else {}, seed),
    )
    run = command(CELLS, "search=", "confirm=", "seeds=[1]")
    (line,) = [event.message for event in run.named("RunWarning") if "not run" in event.message]
    start, next_step = line.split(reason)
    assert start == "one/odd seed 1 is not run: "
    assert next_step == "; change the value in the space and run the same command again"
    assert len(run.ledger.trials) == 1
