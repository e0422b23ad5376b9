"""What a space may be read from, and how what is no space is refused."""

from pathlib import Path

import pytest

from search.errors import SpaceError
from search.space.reading import load_space, packaged_spaces


@pytest.mark.parametrize(
    ("source", "got"), [(5, "5 (int)"), (["mosi"], "['mosi'] (list)"), (None, "None (NoneType)")]
)
def test_what_is_neither_a_path_nor_a_dict_is_refused(source, got):
    with pytest.raises(SpaceError) as caught:
        load_space(source)
    expected = "expected a path, the name of a packaged space, a dict or a loaded space"
    assert str(caught.value) == f"the space: not a space; got {got}; {expected}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"overrides": "seeds=[1]"}, "overrides: not a list of texts; got 'seeds=[1]' (str)"),
        ({"overrides": {"seeds": 1}}, "overrides: not a list of texts; got {'seeds': 1} (dict)"),
        ({"overrides": ["seeds=[1]", 2]}, "overrides[1]: not text; got 2 (int)"),
        ({"data": Path("a.pkl")}, "data: not a list of texts; got PosixPath('a.pkl')"),
    ],
)
def test_overrides_and_data_are_lists_of_texts(options, message):
    with pytest.raises(SpaceError) as caught:
        load_space("demo", **options)
    assert str(caught.value).startswith(message)


@pytest.mark.slow
def test_a_file_of_the_corpus_may_be_a_path(tmp_path):
    space = load_space("mosi", data=[tmp_path / "a.pkl"], overrides=("confirm.top=1",))
    assert space.data.unaligned == str(tmp_path / "a.pkl")
    assert space.origin.path == "mosi"
    assert space.origin.options == ["--set", "confirm.top=1", "--data", str(tmp_path / "a.pkl")]
    assert space.origin.source.endswith(f"\n# --set confirm.top=1\n# --data {tmp_path}/a.pkl\n")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(packaged_spaces()))
def test_a_loaded_space_is_read_again_as_itself(name):
    data = [] if name == "spaces/demo.yaml" else ["unaligned=a.pkl", "aligned=b.pkl"]
    synthetic = load_space(name).data.dataset == "synthetic"
    space = load_space(name, data=[] if synthetic else data)
    again = load_space(space)
    assert space.is_as_read
    assert again.to_dict() == space.to_dict()
    assert again.origin.path is None


@pytest.mark.slow
def test_overrides_change_a_loaded_space():
    space = load_space(load_space("demo"), overrides=["search.trials=3"])
    assert space.search.trials == 3
    assert space.origin.source.endswith("\n# --set search.trials=3\n")


@pytest.mark.slow
def test_a_changed_copy_is_not_as_it_was_read_and_is_checked_again():
    copy = load_space("demo").model_copy(update={"name": "BAD NAME"})
    assert not copy.is_as_read
    with pytest.raises(SpaceError, match="the space: name: not a valid folder name"):
        load_space(copy)
