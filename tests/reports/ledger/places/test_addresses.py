from pathlib import Path

import pytest

from reports.ledger.places.storage import StorageError, place, write_whole


def test_a_plain_path_stays_a_path():
    assert place("runs/mini") == Path("runs/mini")
    assert place("file:///data/my%20runs") == Path("/data/my runs")


@pytest.mark.slow
def test_an_address_makes_the_same_place_again(s3):
    run = place(s3 + "?region=eu-west-1") / "mini"
    assert str(run) == s3 + "/mini?region=eu-west-1"
    assert place(str(run)) == run


@pytest.mark.parametrize("typed", ["my runs", "my%20runs", "50% off", "#1", "größe", "a+b=c"])
def test_an_address_with_odd_letters_makes_the_same_place_again(s3, typed):
    """As a worker gets it, which writes its checkpoint there."""
    run = place(f"{s3}/{typed}") / "mini"
    assert place(str(run)) == run
    write_whole(run / "a b", b"x")
    assert run.path.endswith(f"/{typed.replace('%20', ' ')}/mini")
    assert (place(str(run)) / "a b").read_bytes() == b"x"
    assert " " not in str(run)


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("s4://bucket/runs", "expected a folder, file:///FOLDER or s3://BUCKET/PREFIX"),
        ("s3:///runs", "expected a folder"),
        ("s3:/bucket/runs", "did you mean s3://BUCKET/PREFIX"),
        ("file://host/runs", "expected a folder"),
        ("s3://bucket/runs?nonsense=1", "'nonsense'"),
        ("s3://key:secret@bucket/runs", "AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_an_address_of_no_place_is_refused(address, rule):
    with pytest.raises(StorageError, match=rule) as caught:
        place(address)
    assert ":secret@" not in str(caught.value)
