from dataclasses import replace
from random import Random

import numpy as np
import pytest
from pyarrow import parquet

from reports.ledger import part as part_reader
from reports.ledger import rules, schema
from reports.ledger.places.storage import StorageError, place, write_whole
from reports.ledger.reading.load import load_results
from reports.ledger.roles import Role
from search.ledger import EndedTrial, Ledger, part_folder
from search.ledger.part_folder import PartFolder
from search.ledger.read_only import ReadOnlyLedger
from tests.object_store import s3_server


def role(number, seed=1):
    return Role(phase="search", number=number, seed=seed, changes={"training.batch_size": 16})


def trial(key, status="finished", mae=0.5):
    predictions = {"id": ["u1", "u2"], "label": np.float32([1, -1]), "M": np.float32([0.5, -2])}
    return EndedTrial(
        columns={"key": key, "status": status, "seed": 1, "epochs": 2, "valid_mae": mae},
        epochs=[{"epoch": epoch, "seconds": 1.0, "valid_mae": mae / epoch} for epoch in (1, 2)],
        labels={1: {"T": np.float32([0.25, 3.0])}},
        predictions={"test": predictions} if status == "finished" else {},
    )


@pytest.fixture(params=["local", "s3"])
def folder(request, tmp_path):
    """A run folder of this machine, and one of an object store."""
    if request.param == "local":
        return tmp_path / "run"
    return place(request.getfixturevalue("s3")) / "run"


def parts(folder, table):
    return sorted((folder / table).glob("*.parquet"))


def test_what_is_written_is_read_by_the_reports(folder):
    Ledger(folder).add(trial("a"), [role(0)])
    results = load_results(folder)
    assert results.trials["a"].valid == {"mae": 0.5}
    assert results.roles[0].changes == {"training.batch_size": 16}
    assert results.epochs()["valid_mae"].to_pylist() == [0.5, 0.25]
    assert results.labels()["labels"].to_pylist() == [[0.25, 3.0]]
    assert results.predictions()["prediction_M"].to_pylist() == [0.5, -2.0]


def test_an_opened_ledger_equals_the_one_that_wrote_it(folder):
    written = Ledger(folder)
    written.add(trial("a"), [role(0), role(3)])
    written.add_role(role(5), "a")
    read = Ledger(folder)
    assert dict(read.roles) == dict(written.roles) == {role(n): "a" for n in (0, 3, 5)}
    assert dict(read.trials) == dict(written.trials)
    assert read.curve("a", "mae") == [0.5, 0.25]


class KilledError(BaseException):
    """The driver was killed."""


def dies_after(writes, monkeypatch):
    """Let the driver die before a part is written, once so many have been."""
    write = part_folder.whole_file

    def whole_file(path):
        nonlocal writes
        writes -= 1
        if writes < 0:
            raise KilledError
        return write(path)

    monkeypatch.setattr(part_folder, "whole_file", whole_file)


def change(ledger, rng):
    """Let one trial end, anew if it had not finished, or change the roles."""
    key, chosen = rng.choice("abcdef"), role(rng.randrange(9), seed=rng.choice((1, 2)))
    known = ledger.trials.get(key)
    if rng.random() < 0.7 and (known is None or not known.has_finished):
        ended = trial(key, rng.choice(("failed", "stopped", "finished")), mae=rng.random())
        ledger.add(ended, [] if chosen in ledger.roles else [chosen])
    elif known is not None and chosen not in ledger.roles:
        ledger.add_role(chosen, key)
    else:
        ledger.keep_roles(lambda role, key: role.number % 3 > 0)


def contents(ledger):
    return dict(ledger.trials), dict(ledger.roles)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_what_a_run_knows_is_what_its_folder_holds_through_merges_and_kills(
    seed, tmp_path, monkeypatch
):
    rng = Random(seed)
    ledger = Ledger(tmp_path / "run", merge_count=3)
    for _ in range(15):
        with monkeypatch.context() as patched:
            dies_after(rng.choice((1, 2, 3, 5, 99, 99, 99)), patched)
            try:
                change(ledger, rng)
            except KilledError:
                read = ReadOnlyLedger(tmp_path / "run")
                ledger = Ledger(tmp_path / "run", merge_count=3)
                assert contents(read) == contents(ledger)
        assert contents(ReadOnlyLedger(tmp_path / "run")) == contents(ledger)


def test_the_curve_of_a_trial_is_known_as_soon_as_it_has_ended(folder):
    ledger = Ledger(folder)
    assert ledger.curve("a", "mae") == []
    ledger.add(trial("a"), [role(0)])
    assert ledger.curve("a", "mae") == [0.5, 0.25]


def test_parts_without_a_trial_are_dropped(folder):
    """A kill before the row of trials leaves the other parts: the trial never ended."""
    ledger = Ledger(folder)
    ledger.add(trial("a"), [role(0)])
    ledger.add(trial("b"), [role(1)])
    (folder / "trials" / "b.parquet").unlink()
    again = Ledger(folder)
    assert set(again.trials) == {"a"}
    assert dict(again.roles) == {role(0): "a"}
    for table in ("epochs", "labels", "predictions"):
        assert [path.stem for path in parts(folder, table)] == ["a"]


def test_unfinished_files_are_removed(folder):
    Ledger(folder).add(trial("a"), [role(0)])
    write_whole(folder / "trials" / "b.parquet.tmp", b"half")
    Ledger(folder)
    assert not (folder / "trials" / "b.parquet.tmp").exists()


@pytest.mark.parametrize("table", ["trials", "epochs", "predictions", "labels"])
def test_a_truncated_part_is_set_aside_and_its_trial_runs_again(folder, table):
    ledger = Ledger(folder)
    ledger.add(trial("a"), [role(0)])
    ledger.add(trial("b"), [role(1)])
    part = folder / table / "a.parquet"
    write_whole(part, part.read_bytes()[:-20])
    again = Ledger(folder)
    assert set(again.trials) == {"b"}
    assert dict(again.roles) == {role(1): "b"}
    assert (folder / "damaged" / table / "a.parquet").exists()
    assert f"{table}/a.parquet cannot be read" in again.warnings[0]


@pytest.mark.parametrize("status", ["finished", "stopped"])
@pytest.mark.parametrize("merged", [(), ("epochs",)])
@pytest.mark.parametrize("table", ["epochs", "predictions", "labels"])
def test_a_damaged_part_takes_the_same_trials_from_a_reader_as_from_a_run(
    tmp_path, table, merged, status
):
    for number, key in enumerate("ab"):
        Ledger(tmp_path).add(trial(key, status), [role(number)])
    for name in merged:
        PartFolder(tmp_path / name, schema.SCHEMAS[name]).merge(at_least=2)
    for part in parts(tmp_path, table)[:1]:
        part.write_bytes(part.read_bytes()[:-20])
    read, opened = ReadOnlyLedger(tmp_path), Ledger(tmp_path)
    assert read.trials.keys() == opened.trials.keys()
    assert dict(read.roles) == dict(opened.roles)
    if table not in merged and parts(tmp_path / "damaged", table):
        assert set(opened.trials) == {"b"}


@pytest.mark.slow
def test_many_parts_become_few_without_losing_a_row(folder):
    ledger = Ledger(folder, merge_count=4)
    for number in range(10):
        ledger.add(trial(f"k{number}", mae=float(number)), [role(number)])
    for table in ("trials", "roles", "epochs", "labels", "predictions"):
        assert len(parts(folder, table)) <= 4
    again = Ledger(folder)
    assert {key: row.valid["mae"] for key, row in again.trials.items()} == {
        f"k{number}": float(number) for number in range(10)
    }
    assert dict(again.roles) == {role(number): f"k{number}" for number in range(10)}


@pytest.mark.slow
def test_a_merge_cut_off_before_the_small_parts_went_shows_each_trial_once(folder, monkeypatch):
    ledger = Ledger(folder)
    for number in range(3):
        ledger.add(trial(f"k{number}"), [role(number)])
    with monkeypatch.context() as patch:
        for owner in ("pathlib.Path", "reports.ledger.places.store_place.StorePlace"):
            patch.setattr(f"{owner}.unlink", lambda *_, **__: None)
        Ledger(folder, merge_count=2).add(trial("k3"), [role(3)])
    assert len(parts(folder, "trials")) == 5
    assert sorted(Ledger(folder).trials) == ["k0", "k1", "k2", "k3"]
    assert len(Ledger(folder).roles) == 4


def test_a_finished_trial_outranks_the_stopped_one_of_its_key(folder):
    """An ablation runs to its end what the search had stopped."""
    ledger = Ledger(folder, merge_count=2)
    ledger.add(trial("a", "stopped"), [role(0)])
    ledger.add(trial("b"), [role(1)])
    ledger.add(trial("a", "finished"), [Role(phase="ablation", group="g", cell="c", seed=1)])
    assert Ledger(folder).trials["a"].status == "finished"


def test_dropped_roles_leave_their_trials(folder):
    ledger = Ledger(folder)
    ledger.add(trial("a"), [role(0), role(1)])
    assert ledger.keep_roles(lambda kept, key: kept.number == 1) == 1
    again = Ledger(folder)
    assert dict(again.roles) == {role(1): "a"}
    assert set(again.trials) == {"a"}


@pytest.mark.slow
def test_a_store_that_stops_answering_damages_nothing(s3, s3_address):
    """An outage while a ledger is opened must not set whole parts aside."""
    with s3_server() as address:
        host = address.removeprefix("http://")
        folder = place(f"s3://runs/outage?endpoint_override={host}&scheme=http") / "run"
        Ledger(folder).add(trial("a"), [role(0)])
        (part,) = (folder / "trials").glob("*.parquet")
        assert Ledger(folder).warnings == ()
    table = PartFolder(folder / "trials", schema.TRIALS)
    for source in (part, folder / "trials" / "a.parquet"):
        with pytest.raises(StorageError, match="does not answer"):
            table.read(source)


@pytest.mark.parametrize("table", ["trials", "roles", "epochs", "predictions", "labels"])
def test_a_part_with_a_flipped_bit_is_set_aside_and_its_trial_runs_again(folder, table):
    Ledger(folder).add(trial("a"), [role(0)])
    (part,) = parts(folder, table)
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 4
    write_whole(part, bytes(content))
    again = Ledger(folder)
    assert (folder / "damaged" / table / part.name).exists()
    assert f"{table}/{part.name} cannot be read (its checksum does not match" in again.warnings[0]
    assert not again.roles
    assert ("a" in again.trials) == (table == "roles")


def test_trials_whose_labels_stood_in_a_damaged_merged_part_run_again(tmp_path):
    """Nothing in the name of a merged part says whose labels it held."""
    config = '{"objective": {"labels": {"name": "sugrm"}, "tasks": ["M", "T"]}}'
    ledger = Ledger(tmp_path, merge_count=2)
    for key in "ab":
        made = trial(key)
        ledger.add(replace(made, columns={**made.columns, "config": config}), [role(0)])
    (part,) = parts(tmp_path, "labels")
    assert part.name.startswith("merged-")
    part.write_bytes(part.read_bytes()[:-20])
    assert not Ledger(tmp_path).trials


def counted(monkeypatch, module, name):
    """Return the list of what ``name`` of the module is called with from here on."""
    calls, called = [], getattr(module, name)

    def call(value):
        calls.append(value)
        return called(value)

    monkeypatch.setattr(module, name, call)
    return calls


def test_opening_compares_each_part_with_its_checksum_and_rules_once(tmp_path, monkeypatch):
    ledger = Ledger(tmp_path, merge_count=4)
    for number in range(6):
        made = trial(f"k{number}")
        columns = {**made.columns, "config": "{}"}
        ledger.add(replace(made, columns=columns), [role(number)])
    compared = counted(monkeypatch, part_reader, "has_checksum")
    parsed = counted(monkeypatch, rules, "parse_json")
    assert len(Ledger(tmp_path).trials) == 6
    assert len(compared) == len(list(tmp_path.glob("*/*.parquet")))
    assert len(parsed) == 6 + 6  # trials.config, roles.changes


@pytest.mark.parametrize(
    ("table", "column"),
    [("labels", "labels.list.element"), ("predictions", "prediction_M")],
)
def test_a_large_part_with_a_flipped_bit_in_a_column_that_opening_does_not_read_is_set_aside(
    tmp_path, monkeypatch, table, column
):
    Ledger(tmp_path).add(trial("a"), [role(0)])
    (part,) = parts(tmp_path, table)
    footer = parquet.read_metadata(part)
    (chunk,) = (
        one
        for one in map(footer.row_group(0).column, range(footer.num_columns))
        if one.path_in_schema == column
    )
    content = bytearray(part.read_bytes())
    content[chunk.data_page_offset + chunk.total_compressed_size - 2] ^= 4
    part.write_bytes(content)
    monkeypatch.setattr(part_reader, "WHOLE_BYTES", 0)
    again = Ledger(tmp_path)
    assert f"{table}/a.parquet cannot be read (its checksum does not match" in again.warnings[0]
    assert not again.trials


def test_large_parts_without_damage_are_opened(folder, monkeypatch):
    Ledger(folder).add(trial("a"), [role(0)])
    monkeypatch.setattr(part_reader, "WHOLE_BYTES", 0)
    again = Ledger(folder)
    assert not again.warnings
    assert list(again.trials) == ["a"]
