import pytest

from reports.content.table import Missing, Number, Style, Text
from reports.ledger.reading.load import load_results
from reports.paper.splits import splits
from reports.results.corpora import split_sizes
from tests.reports.ledger_builder import LedgerBuilder
from tests.reports.paper.paper_runs import texts

SPACE = {"name": "r", "data": {"dataset": "mosi", "unaligned": "x"}}


def builder_of(folder):
    builder = LedgerBuilder(folder)
    builder.trial("k", data_fingerprint="d")
    return builder


def listed(builder, sizes, alignment="unaligned", fingerprint="d"):
    for split, count in sizes.items():
        for position in range(count):
            builder.rows["utterances"].append(
                {
                    "data_fingerprint": fingerprint,
                    "alignment": alignment,
                    "split": split,
                    "position": position,
                    "id": str(position),
                }
            )


def predicted(builder, key, sizes):
    for split, count in sizes.items():
        for position in range(count):
            row = {"key": key, "split": split, "id": f"v${position}"}
            builder.rows["predictions"].append(row)


def labelled(builder, key, count):
    for epoch in (1, 2):
        labels = {"key": key, "epoch": epoch, "task": "T", "labels": [0.0] * count}
        builder.rows["labels"].append(labels)


def test_the_listed_utterances_are_counted(tmp_path):
    builder = builder_of(tmp_path)
    listed(builder, {"train": 5, "valid": 2, "test": 3})
    predicted(builder, "k", {"test": 99})  # plays no part
    assert split_sizes(load_results(builder.write(SPACE))) == {
        ("unaligned", "d"): {"train": 5, "valid": 2, "test": 3}
    }


def test_a_ledger_that_lists_none_tells_by_predictions_and_labels(tmp_path):
    """The newest trial has no generated labels, an older one has; a stopped one is not asked."""
    builder = builder_of(tmp_path)
    labelled(builder, "k", 5)
    builder.trial("newest", data_fingerprint="d")
    predicted(builder, "newest", {"train": 1, "valid": 2, "test": 3})
    builder.trial("stopped", status="stopped", data_fingerprint="d")
    labelled(builder, "stopped", 99)
    assert split_sizes(load_results(builder.write(SPACE))) == {
        ("unaligned", "d"): {"train": 5, "valid": 2, "test": 3}
    }


def test_a_split_of_which_nothing_tells_is_not_recorded(tmp_path):
    builder = builder_of(tmp_path)
    predicted(builder, "k", {"valid": 2})
    (table,) = splits([load_results(builder.write(SPACE))])
    assert table.rows[0][1:4] == (
        Missing("not recorded"),
        Number(2, Style.INTEGER),
        Missing("not recorded"),
    )


def test_table_6_has_the_published_sizes_and_the_difference(usual_runs):
    builder = builder_of(usual_runs / "run")
    listed(builder, {"train": 1284, "valid": 229, "test": 685})
    (table,) = splits([load_results(builder.write(SPACE))])
    assert table.rows == (
        (
            Text("MOSI, unaligned"),
            Number(1284, Style.INTEGER),
            Number(229, Style.INTEGER),
            Number(685, Style.INTEGER),
            Text("r"),
        ),
        (
            Text("  paper"),
            Number(1284, Style.INTEGER),
            Number(229, Style.INTEGER),
            Number(686, Style.INTEGER),
            Missing(""),
        ),
        (
            Text("  difference"),
            Number(0, Style.INTEGER, signed=True),
            Number(0, Style.INTEGER, signed=True),
            Number(-1, Style.INTEGER, signed=True),
            Missing(""),
        ),
    )
    assert texts(table)[-1] == (
        "MOSEI is left out: no run has loaded it. Load it with: "
        "sugrm-search run spaces/mosei.yaml --data unaligned=PATH"
    )


def test_runs_of_the_same_sizes_share_a_row_and_others_have_their_own(tmp_path):
    runs = []
    for name, count in (("a", 5), ("b", 5), ("c", 7)):
        builder = builder_of(tmp_path / name)
        listed(builder, {"train": count, "valid": 2, "test": 3})
        runs.append(load_results(builder.write({**SPACE, "name": name})))
    (table,) = splits(runs)
    loaded = [row for row in table.rows if row[0] == Text("MOSI, unaligned")]
    assert [(row[1].value, row[-1].text) for row in loaded] == [(5, "a, b"), (7, "c")]


def test_a_synthetic_corpus_has_no_published_line(tmp_path):
    builder = builder_of(tmp_path)
    listed(builder, {"train": 8, "valid": 4, "test": 4})
    space = {"name": "r", "data": {"dataset": "synthetic"}}
    (table,) = splits([load_results(builder.write(space))])
    assert [row[0] for row in table.rows] == [Text("synthetic, unaligned")]


@pytest.mark.parametrize("with_run", [True, False])
def test_without_any_sizes_the_table_is_shown_as_not_run(tmp_path, with_run):
    runs = [load_results(builder_of(tmp_path).write(SPACE, sizes=()))] if with_run else []
    (table,) = splits(runs)
    assert [row[0].text for row in table.rows] == ["MOSI", "  paper", "MOSEI", "  paper"]
    assert table.rows[0][1] == Missing("not run")
    assert table.rows[3][1] == Number(16326, Style.INTEGER)
    assert len([note for note in table.notes if note.command]) == 2


@pytest.mark.slow
def test_the_sizes_of_many_runs_are_counted_once_each(tmp_path):
    runs = [load_results(builder_of(tmp_path / str(n)).write(SPACE)) for n in range(20)]
    first = [split_sizes(run) for run in runs]
    assert all(split_sizes(run) is sizes for run, sizes in zip(runs, first, strict=True))
