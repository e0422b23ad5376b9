"""A space whose data file is not there: which file is meant, and commands that work."""

import shlex
from pathlib import Path

import pytest

from search.cli.main import execute
from search.plan import build_plan
from search.space.reading import load_space, packaged_spaces
from search.trials.missing_files import check_files
from sugrm.errors import DataError

WITH_FILES = sorted(
    name.removeprefix("spaces/").removesuffix(".yaml")
    for name, file in packaged_spaces().items()
    if "dataset: synthetic" not in file.read_text(encoding="utf-8")
)


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def lines(space):
    with pytest.raises(DataError) as error:
        check_files(space, build_plan(space))
    return str(error.value).splitlines()


@pytest.mark.slow
def test_the_file_is_named_with_the_place_where_others_find_it():
    first, what, command, _ = lines(load_space("mosi"))
    assert first.startswith("data/mosi/unaligned_50.pkl: no such file; the space mosi reads it,")
    assert what.endswith(
        "CMU-MOSI, which MMSA distributes as MOSI/Processed/unaligned_50.pkl (docs/data.md)"
    )
    assert command == "  with it: sugrm-search run mosi --data unaligned=PATH"


@pytest.mark.slow
def test_the_command_keeps_what_was_typed():
    space = load_space("mosi", overrides=["confirm.top=1", "seeds=[1, 2]"])
    assert lines(space)[2] == (
        "  with it: sugrm-search run mosi --set confirm.top=1 --set 'seeds=[1, 2]' "
        "--data unaligned=PATH"
    )


@pytest.mark.slow
def test_the_command_keeps_the_folder_of_runs():
    space = load_space("mosi")
    with pytest.raises(DataError) as error:
        check_files(space, build_plan(space), runs=Path("copies"))
    assert str(error.value).splitlines()[2] == (
        "  with it: sugrm-search run mosi --runs copies --data unaligned=PATH"
    )


@pytest.mark.slow
def test_a_file_of_the_other_alignment_is_used_with_one_option():
    Path("mine.pkl").touch()
    assert lines(load_space("mosi", data=["aligned=mine.pkl"]))[2] == (
        "  with the aligned file: sugrm-search run mosi --data aligned=mine.pkl "
        "--set experiment.alignment=aligned"
    )


def test_all_missing_files_are_named_at_once():
    first, what, command, _ = lines(load_space("baselines"))
    assert first.startswith("data/mosi/aligned_50.pkl, data/mosi/unaligned_50.pkl: no such files;")
    assert "MOSI/Processed/aligned_50.pkl, MOSI/Processed/unaligned_50.pkl" in what
    assert command.endswith(" --data aligned=PATH --data unaligned=PATH")


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_FILES)
def test_the_command_for_a_try_is_accepted(name, capsys):
    last = lines(load_space(name))[-1]
    if name.endswith("mosi_transfer"):  # it starts from a run that is not there either
        assert "made-up" not in last
        return
    program, _, *options = shlex.split(last.partition("first: ")[2])
    assert program == "sugrm-search"
    assert execute(["plan", *options]) == 0
    assert "synthetic, made here" in capsys.readouterr().out


def test_a_space_of_ones_own_has_no_distributor(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(
        "name: own\ndata: {dataset: mosi, unaligned: films.pkl}\nablations: {one: {baseline: {}}}\n"
    )
    first, command, _ = lines(load_space(str(file)))
    assert first.startswith("films.pkl: no such file; the space own reads it")
    assert command == f"  with it: sugrm-search run {file} --data unaligned=PATH"


@pytest.mark.slow
@pytest.mark.parametrize(
    "given", [{"data": ["unaligned=typo.pkl"]}, {"overrides": ["data.unaligned=typo.pkl"]}]
)
def test_a_path_that_the_command_gives_is_left_to_the_reader_of_files(given):
    space = load_space("mosi", **given)
    check_files(space, build_plan(space))


@pytest.mark.slow
def test_a_file_that_is_there_is_not_missing(tmp_path):
    (tmp_path / "data" / "mosi").mkdir(parents=True)
    (tmp_path / "data" / "mosi" / "unaligned_50.pkl").write_bytes(b"")
    space = load_space("mosi")
    check_files(space, build_plan(space))
