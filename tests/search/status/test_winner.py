"""What the winner of a search keeps over fresh seeds, from the ledger of a run."""

import pytest

from reports.ledger.goals import Goal
from reports.ledger.schema import SEARCH
from search.controller.run_summary import finish_run
from search.status.winner import winner_sentence

GOAL = Goal("valid/mae")


def value_of(run, **wanted):
    """Return the objective of the trial whose role has these values."""
    (found,) = {
        key
        for role, key in run.ledger.roles.items()
        if all(getattr(role, name) == value for name, value in wanted.items())
    }
    return run.ledger.trials[found].valid["mae"]


def best_key(run):
    searched = {key for role, key in run.ledger.roles.items() if role.phase == SEARCH}
    return min(searched, key=lambda key: run.ledger.trials[key].valid["mae"])


def said(run):
    return winner_sentence(GOAL, run.ledger.roles, trials=run.ledger.trials)


@pytest.mark.slow
def test_the_sentence_holds_the_numbers_of_the_ledger(command):
    run = command()
    best = best_key(run)
    before = run.ledger.trials[best].valid["mae"]
    fresh = [value_of(run, phase="confirm", group=best, seed=seed) for seed in (1, 2)]
    change = sum(fresh) / 2 - before
    assert change < 0  # the made-up learner is worse with larger seeds; the search's is 7
    assert said(run) == (
        f"The search's best valid/mae was {before:.3f} with one seed; over 2 fresh seeds the same "
        f"configuration has {sum(fresh) / 2:.3f}: {-change:.3f} better. Both are from few seeds."
    )


@pytest.mark.slow
def test_the_summary_of_a_run_says_it_and_one_cut_off_before_the_confirmation_does_not(command):
    run = command()
    summary = finish_run(
        run.space, run.ledger, controller=run.controller, listen=run.events.append, seconds=1.0
    )
    assert summary.winner == said(run)
    assert "over 2 fresh seeds" in summary.winner
    early = command(cut_off=6, folder="early")
    assert (
        finish_run(
            early.space, early.ledger, controller=early.controller, listen=print, seconds=1.0
        ).winner
        is None
    )


def test_a_run_without_a_search_has_no_winner(command):
    run = command("search=", "confirm=")
    assert (
        finish_run(
            run.space, run.ledger, controller=run.controller, listen=run.events.append, seconds=1.0
        ).winner
        is None
    )


@pytest.mark.slow
def test_a_new_winner_that_is_not_confirmed_yet_takes_the_sentence_from_the_old_one(command):
    run = command()
    best = best_key(run)
    other = next(
        key
        for role, key in run.ledger.roles.items()
        if role.phase == SEARCH and key != best and run.ledger.trials[key].status == "finished"
    )
    rows = {**run.ledger.trials, other: run.ledger.trials[other]._replace(valid={"mae": 1e-9})}
    assert winner_sentence(GOAL, run.ledger.roles, trials=rows) is None
