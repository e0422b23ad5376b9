import socket

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reports.ledger.places.storage import (
    StorageError,
    check_reachable,
    each,
    in_object_store,
    move,
    open_stream,
    parquet_source,
    place,
    remove_tree,
    size_of,
    whole_file,
    write_whole,
)


@pytest.fixture(params=["local", "s3"])
def folder(request, tmp_path):
    """An empty folder of this machine, and one of an object store."""
    if request.param == "local":
        return place(tmp_path)
    return place(request.getfixturevalue("s3"))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_is_read_and_listed(folder):
    write_whole(folder / "b.json", b"{}")
    write_whole(folder / "empty.json", b"")
    (folder / "parts").mkdir()
    write_whole(folder / "parts" / "a.parquet", b"rows")
    assert (folder / "b.json").read_bytes() == b"{}"
    assert (folder / "empty.json").read_bytes() == b""
    assert names(folder) == ["b.json", "empty.json", "parts"]
    assert [path.name for path in sorted(folder.glob("*.json"))] == ["b.json", "empty.json"]
    assert [str(path.relative_to(folder)) for path in folder.glob("*/a.parquet")] == [
        "parts/a.parquet"
    ]
    assert (folder / "parts").is_dir()
    assert not (folder / "parts").is_file()
    assert (folder / "b.json").is_file()


def test_what_is_not_there_is_not_found(folder):
    assert not (folder / "none").exists()
    assert list((folder / "none").glob("*.parquet")) == []
    with pytest.raises(FileNotFoundError):
        (folder / "none").read_bytes()
    with pytest.raises(FileNotFoundError):
        (folder / "none").unlink()
    (folder / "none").unlink(missing_ok=True)
    remove_tree(folder / "none")


def test_a_file_that_fails_half_way_does_not_appear(folder):
    def write():
        with whole_file(folder / "part") as file:
            file.write_bytes(b"half")
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - it has no message
        write()
    assert names(folder) == []


def test_a_file_replaces_the_one_of_its_name(folder):
    write_whole(folder / "a", b"first")
    with whole_file(folder / "a") as file:
        file.write_bytes(b"second")
    assert (folder / "a").read_bytes() == b"second"
    assert names(folder) == ["a"]


def test_a_moved_file_lies_in_its_new_folder_alone(folder):
    write_whole(folder / "a", b"x")
    move(folder / "a", folder / "damaged" / "trials" / "a")
    assert (folder / "damaged" / "trials" / "a").read_bytes() == b"x"
    assert not (folder / "a").exists()


def test_a_removed_folder_is_gone(folder):
    (folder / "trial" / "deep").mkdir(parents=True)
    write_whole(folder / "trial" / "deep" / "a", b"x")
    remove_tree(folder / "trial")
    assert not (folder / "trial").exists()


def test_parts_are_parquet_files(folder):
    """A listed small object is read whole, one of unknown size piece by piece."""
    with whole_file(folder / "a.parquet") as file:
        pq.write_table(pa.table({"a": [1, 2]}), file)
    (listed,) = folder.glob("*.parquet")
    for source in (listed, folder / "a.parquet"):
        with parquet_source(source) as opened:
            assert pq.read_table(opened)["a"].to_pylist() == [1, 2]


def test_a_stream_is_read_from_any_byte(folder):
    write_whole(folder / "a", b"first second")
    with open_stream(folder / "a") as stream:
        stream.seek(6)
        assert stream.read() == b"second"


def test_the_size_of_a_listed_file_is_known(folder):
    write_whole(folder / "a", b"12345")
    (listed,) = folder.iterdir()
    assert size_of(listed) == 5


def test_a_place_knows_where_it_is(tmp_path, s3):
    assert not in_object_store(tmp_path)
    assert in_object_store(place(s3))


def test_many_places_are_read_in_order(folder):
    for number in range(20):
        write_whole(folder / f"{number:02}", str(number).encode())
    found = list(each(lambda path: path.read_bytes(), sorted(folder.iterdir())))
    assert found == [str(number).encode() for number in range(20)]


def test_a_missing_bucket_is_named(s3):
    with pytest.raises(StorageError, match=r"no bucket 'nowhere'.*expected one that exists"):
        check_reachable(place("s3://nowhere/runs"))


def test_a_write_to_a_missing_bucket_names_it(s3):
    with pytest.raises(StorageError, match="no such bucket"):
        write_whole(place("s3://nowhere/runs/a"), b"x")


@pytest.mark.slow
def test_a_store_that_does_not_answer_is_named(s3, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StorageError, match=r"does not answer.*check the network"):
        check_reachable(place(s3))


@pytest.mark.slow
def test_a_store_that_takes_connections_and_is_silent_is_named(s3, monkeypatch):
    """Without a limit of its own a request would wait for minutes."""
    monkeypatch.setattr("reports.ledger.places.addresses._REQUEST_SECONDS", 1.0)
    monkeypatch.setattr("reports.ledger.places.addresses._ATTEMPTS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(StorageError, match=r"does not answer.*run the command again"):
            write_whole(place(s3) / "a", b"x")
