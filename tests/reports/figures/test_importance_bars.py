import json

import pytest

from reports.content.mark import Bars
from reports.figures.importance_bars import importance_bars
from reports.ledger.reading.load import load_results
from reports.ledger.schema import IMPORTANCE_FILE
from tests.reports.ledger_builder import tiny_run


@pytest.fixture
def write(tmp_path):
    """Return a function from shares and counts by parameter to the results of a run."""

    def results(parameters, trials=60):
        folder = tiny_run(tmp_path)
        record = {
            "method": "PED-ANOVA",
            "optuna": "5.0.0",
            "objective": "valid/mae",
            "mode": "min",
            "trials": trials,
            "parameters": {
                name: {"importance": share, "trials": count}
                for name, (share, count) in parameters.items()
            },
        }
        (folder / IMPORTANCE_FILE).write_text(json.dumps(record))
        return load_results(folder)

    return results


def test_bars_fall_from_the_most_important_parameter(write):
    (figure,) = importance_bars(write({"a.x": (0.2, 60), "a.y": (0.7, 20), "a.z": (0.1, 60)}))
    (bars,) = figure.panels[0].marks
    assert isinstance(bars, Bars)
    assert (list(bars.positions), bars.lengths) == ([0, 1, 2], [0.7, 0.2, 0.1])
    assert figure.panels[0].y.categories == ["y", "x", "z"]
    assert bars.hover[0] == "a.y: 70.0%, 20 trials"
    assert figure.summary == (
        "y has 70% of the importance for valid/mae, the most of 3 searched parameters, over 60 "
        "finished trials."
    )


def test_notes_name_method_and_n_and_what_is_not_judged(write):
    (figure,) = importance_bars(write({"a.x": (1.0, 30), "a.y": (None, 60)}))
    notes = "\n".join(figure.notes)
    assert "PED-ANOVA (Watanabe et al., IJCAI 2023) of Optuna 5.0.0" in notes
    assert "n = 60 finished trials by valid/mae" in notes
    assert "which fewer trials have: a.x 30." in notes
    assert "Cannot be judged from these trials: a.y." in notes
    assert "rough" not in notes


def test_few_trials_are_called_rough(write):
    (figure,) = importance_bars(write({"a.x": (1.0, 22)}, trials=22))
    assert "Below 50 trials it is rough." in figure.notes[0]


def test_the_values_that_were_stopped_early_are_named(write):
    """Of the tiny run's four trials one was stopped early, with the batch size 32 and rate 9e-5."""
    (figure,) = importance_bars(write({"training.batch_size": (1.0, 60)}))
    assert figure.notes[-1] == (
        "Finished trials are a biased sample: trials that were stopped early do not count. "
        "learning_rate.text 9e-05: 1 of 1 trials stopped early; "
        "batch_size 32: 1 of 3 trials stopped early."
    )


def test_fewer_than_twenty_finished_trials_have_no_bars(write):
    assert importance_bars(write({"a.x": (1.0, 19)}, trials=19)) == ()


def test_twenty_bars_are_drawn_at_most(write):
    (figure,) = importance_bars(write({f"a.x{n}": ((n + 1) / 400, 60) for n in range(25)}))
    assert len(figure.panels[0].marks[0].lengths) == 20
    assert figure.notes[-2] == "The 20 most important of 25."


def test_nothing_is_shown_where_nothing_is_recorded_or_judged(write, tmp_path):
    assert importance_bars(load_results(tiny_run(tmp_path / "none"))) == ()
    assert importance_bars(write({"a.x": (None, 60)})) == ()
