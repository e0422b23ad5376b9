from pathlib import Path

import pytest

from search.errors import SpaceError
from search.space.reading.files import packaged_spaces, read_space


def test_a_packaged_space_is_read_by_path_or_name_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    texts = {read_space(name) for name in ("spaces/mosi.yaml", "mosi", "mosi.yaml", "spaces/mosi")}
    assert len(texts) == 1
    assert "name: mosi\n" in texts.pop()


def test_a_file_on_disk_goes_before_a_packaged_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spaces").mkdir()
    (tmp_path / "spaces" / "mosi.yaml").write_text("mine")
    assert read_space("spaces/mosi.yaml") == "mine"


def test_a_missing_file_names_the_packaged_spaces_and_the_nearest():
    with pytest.raises(SpaceError) as caught:
        read_space("spaces/mosy.yaml")
    assert str(caught.value) == (
        "spaces/mosy.yaml: no such file; did you mean spaces/mosi.yaml? Expected a space file, or "
        "the name of one that comes with the package: "
        f"{', '.join(Path(space).stem for space in packaged_spaces())}"
    )
    (problem,) = caught.value.problems
    assert problem.suggestion == "spaces/mosi.yaml"


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("mine.csv", "unaligned=mine.csv"),
        ("mine.CSV", "unaligned=mine.CSV"),
        ("mine.ndjson", "unaligned=mine.ndjson"),
        ("mine.pkl", "unaligned=mine.pkl"),
        ("audio.npz", "text=TABLE --data audio=audio.npz"),
    ],
)
def test_a_file_of_data_is_refused_with_the_option_that_takes_it(
    tmp_path, monkeypatch, name, option
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(b"id,text\n")
    with pytest.raises(SpaceError, match=f"{name}: a file of data .*: --data {option}$"):
        read_space(name)


@pytest.mark.parametrize("name", ["mine.json", "mine.txt", "mine"])
def test_a_space_may_have_another_ending_than_yaml(tmp_path, name):
    """JSON is YAML."""
    (tmp_path / name).write_text('{"name": "mine"}')
    assert read_space(tmp_path / name) == '{"name": "mine"}'


def test_a_folder_a_device_or_bytes_are_refused(tmp_path):
    with pytest.raises(SpaceError, match="a folder, not a file"):
        read_space(tmp_path)
    with pytest.raises(SpaceError, match="/dev/null: a device or pipe, not a file"):
        read_space("/dev/null")
    (tmp_path / "a.yaml").write_bytes(b"name: \xff")
    with pytest.raises(SpaceError, match=r"a\.yaml: not text in UTF-8 \(byte 6\)"):
        read_space(tmp_path / "a.yaml")


def test_a_name_unlike_any_packaged_one_has_no_suggestion():
    with pytest.raises(SpaceError) as caught:
        read_space("nope.yaml")
    assert "did you mean" not in str(caught.value)


@pytest.mark.parametrize("mistyped", ["films.yml", "films", "film.yaml", "flims"])
def test_a_file_in_the_same_folder_is_suggested_too(tmp_path, monkeypatch, mistyped):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "films.yaml").write_text("name: films")
    (tmp_path / ".hidden.yaml").write_text("")
    with pytest.raises(SpaceError, match=r"did you mean films\.yaml\?"):
        read_space(mistyped)
    with pytest.raises(SpaceError, match=f"did you mean {tmp_path}/films.yaml"):
        read_space(tmp_path / mistyped)
    with pytest.raises(SpaceError) as caught:
        read_space("hidden.yaml")
    assert "did you mean" not in str(caught.value)
