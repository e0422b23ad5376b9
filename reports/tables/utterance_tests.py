"""The chosen configuration and each ablation's cells over the utterances of the test set."""

from reports.content.table import Table
from reports.ledger.reading.load import Results
from reports.results.confirmation import confirmation_of
from reports.results.ensembles import read_predictions, systems_of
from reports.results.seed_groups import ablation_cells, baseline_of
from reports.tables.mcnemar_tests import mcnemar_tests
from reports.tables.utterance_intervals import utterance_intervals


def utterance_tests(results: Results) -> tuple[Table, ...]:
    """Return intervals over the test utterances, and McNemar tests of each ablation.

    Settings without test predictions have none. These numbers choose nothing.
    """
    confirmation, groups = confirmation_of(results), ablation_cells(results)
    chosen = {} if confirmation.best is None else {confirmation.best_label: confirmation.best}
    settings = [*chosen.values(), *(cell for cells in groups.values() for cell in cells)]
    found = read_predictions(results, settings)
    systems = systems_of(chosen, found)
    heading = ("confirmed", "Chosen configuration")
    tables = [*utterance_intervals(results, heading, column="configuration", systems=systems)]
    for group, cells in groups.items():
        systems = systems_of({cell.cell: cell for cell in cells}, found)
        heading = (f"ablation_{group}", f"Ablation: {group}")
        tables += utterance_intervals(results, heading, column="cell", systems=systems)
        baseline = baseline_of(results, cells).cell
        tables += mcnemar_tests(results, group, baseline=baseline, systems=systems)
    return tuple(tables)
