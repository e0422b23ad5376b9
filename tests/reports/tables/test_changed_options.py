from reports.build import build_report
from reports.content.table import Missing, Number, Style, Text
from reports.export import save_report, shown
from reports.ledger.places.storage import place
from reports.ledger.reading.load import load_results
from reports.results.confirmation import confirmation_of
from reports.tables.changed_options import changed_options
from tests.reports.ledger_builder import LedgerBuilder, tiny_run


def built(folder):
    results = load_results(folder)
    (table,) = changed_options(results, confirmation_of(results))
    return table


def test_options_stand_beside_the_fixed_values_of_a_trial_without_changes(tmp_path):
    table = built(tiny_run(tmp_path / "tiny"))
    batch_size = next(row for row in table.rows if row[0] == Text("training.batch_size"))
    assert batch_size[1:] == (
        Number(32, Style.INTEGER),
        Number(16, Style.INTEGER),
        Text("as fixed"),
    )


def test_a_fixed_value_that_no_trial_recorded_is_not_made_up(tmp_path):
    table = built(tiny_run(tmp_path / "tiny"))
    rate = next(row for row in table.rows if row[0] == Text("training.learning_rate.text"))
    assert rate[1] == Missing("not recorded")
    assert table.notes[1].text.startswith("Not recorded: the fixed values leave the option at its")


def test_without_such_a_trial_the_space_tells_the_fixed_values(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.confirmed("s1", 0, 1, 0.8, 0.9, changes={"training.batch_size": 16})
    assert built(builder.write()).rows[0][1] == Number(32, Style.INTEGER)


def test_a_configuration_without_changes_is_said_to_be_the_fixed_values(tmp_path):
    notes = [note.text for note in built(tiny_run(tmp_path / "tiny")).notes]
    assert notes[2:] == ["Configuration 2: the fixed values without a change."]


def test_without_any_change_there_is_no_empty_table_but_a_line(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.confirmed("s0", 0, 1, 0.8, 0.9, changes={})
    report = build_report(place(builder.write()))
    assert "confirmed_settings" not in [table.name for table in shown(report)]
    notes = [note.text for note in report.table("confirmed").notes]
    assert "Options: the fixed values of the space, without a change." in notes


def test_without_any_change_the_options_of_an_earlier_configuration_are_written_over(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.confirmed("s0", 0, 1, 0.8, 0.9, changes={})
    file = tmp_path / "report" / "confirmed_settings.csv"
    file.parent.mkdir()
    file.write_text("option,fixed,configuration_1\ntraining.batch_size,32,16\n")
    save_report(build_report(place(builder.write())), formats=["csv"])
    assert file.read_text() == "option,fixed,configuration_1\n"
