import pytest

from reports.ledger.places.storage import place
from reports.ledger.reading.load import load_results
from reports.ledger.reading.results import CHECKPOINTS, MODEL_FILE
from reports.render.cell_text import cell_text
from reports.tables.models import load_line, models
from sugrm.training.checkpoints.checkpoint import BEST_FILE_NAME
from tests.reports.ledger_builder import LedgerBuilder


@pytest.fixture
def run(tmp_path):
    """Two configurations of two seeds, the second chosen, a cell and a trial of the search."""
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(7, 0.95)
    for rank, mae in enumerate((0.9, 0.8)):
        for seed in (1, 2):
            builder.confirmed(f"s{rank}", rank, seed, mae, 0.9)
    builder.cell("baseline", 3, 0.9)
    return load_results(builder.write())


def keep(results, *keys):
    """Write model files into the folders of trials; return the rows of the table and its notes."""
    for key in keys:
        folder = results.folder / CHECKPOINTS / key
        folder.mkdir(parents=True)
        (folder / MODEL_FILE).write_bytes(b"model")
    (table,) = models(results)
    rows = [[cell_text(cell) for cell in row] for row in table.rows]
    return rows, [note.text for note in table.notes]


def test_the_file_is_called_as_training_writes_it():
    assert MODEL_FILE == BEST_FILE_NAME


def test_the_files_of_the_chosen_configuration_come_first_each_with_its_seed(run):
    cell = next(key for key in run.trials if key.startswith("modules"))
    rows, notes = keep(run, "s7", cell, "c0-1", "c1-2", "c1-1")
    assert [row[:2] for row in rows] == [
        ["confirmed configuration 2 (chosen)", "1"],
        ["confirmed configuration 2 (chosen)", "2"],
        ["confirmed configuration 1", "1"],
        ["modules: baseline", "3"],
        ["search trial 7", "1110"],
    ]
    folder = run.folder / "checkpoints" / "c1-1"
    assert rows[0][2:] == [str(folder / "best.pt")]
    assert not any("No model is kept" in note for note in notes)


def test_the_command_that_takes_the_chosen_models_away_is_shown(run):
    keep(run, "c1-1")
    (table,) = models(run)
    commands = [note.command for note in table.notes]
    assert f"sugrm-search export tiny OUT --runs {run.folder.parent}" in commands


def test_a_model_of_an_earlier_winner_is_not_called_the_chosen_ones(tmp_path):
    builder = LedgerBuilder(tmp_path / "run")
    for number, mae in enumerate((0.8, 0.9, 0.7)):
        builder.searched(number, mae)
    for rank, of in enumerate(("s0", "s1")):
        builder.confirmed(of, rank, 1, 0.4, 0.25)
    rows, _ = keep(load_results(builder.write()), "c0-1", "c1-1")
    assert [row[0] for row in rows] == [
        "confirmed configuration 1 (chosen)",
        "configuration 2, no longer chosen",
    ]


def test_seeds_of_the_chosen_configuration_without_a_file_are_named(run):
    _, notes = keep(run, "c1-1")
    assert "No model is kept for seeds 2 of the chosen configuration." in notes


def test_a_file_of_a_trial_that_the_ledger_lacks_is_listed_as_such(run):
    rows, _ = keep(run, "c1-1", "other")
    assert rows[-1][:2] == ["not recorded", "-"]


def test_what_a_running_trial_resumes_from_is_no_model(run):
    folder = run.folder / CHECKPOINTS / "c1-1"
    folder.mkdir(parents=True)
    (folder / "last.pt").write_bytes(b"state")
    assert models(run) == ()


def test_a_run_that_kept_nothing_has_no_table(run):
    assert models(run) == ()


def loaded(line):
    """Return what a line gives to ``load_trained``; both imports are real, the model is not."""
    given = []

    class Trained:
        model = None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sugrm.load_trained", lambda path: given.append(path) or Trained)
        exec(line, {})
    return str(given[0])


def test_the_line_reads_the_first_file(run):
    keep(run, "c1-1", "c1-2")
    (table,) = models(run)
    file = run.folder / CHECKPOINTS / "c1-1" / MODEL_FILE
    assert loaded(table.notes[0].command) == str(file)


def test_in_an_object_store_the_line_names_the_store(s3):
    folder = place(s3) / "run" / CHECKPOINTS / "key"
    assert loaded(load_line(folder / MODEL_FILE)) == str(folder)
