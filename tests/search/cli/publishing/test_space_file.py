import pytest

from reports.ledger.reading.recorded_experiment import Version
from search.cli.publishing.space_file import write_space
from search.space.reading import load_space
from tests.search.conftest import MINI


def written(tmp_path, space, source=None):
    file = tmp_path / "space.yaml"
    text = space.origin.source if source is None else source
    write_space(file, Version(space=space.to_dict(), source=text))
    assert load_space(file).to_dict() == space.to_dict()
    return file.read_text()


def test_a_space_without_options_is_the_recorded_text(tmp_path, mini_file):
    assert written(tmp_path, load_space(mini_file)) == MINI


@pytest.mark.parametrize(
    "overrides",
    [
        ["search.trials=9"],
        ["confirm.seeds=[5, 6]", "ablations={a: {b: {}, c: {objective.loss: l2}}}", "seeds=[3]"],
        ["search=", "confirm="],
        ["experiment.training={max_epochs: 1,\n batch_size: 8}"],
    ],
)
def test_options_of_the_command_are_in_their_places(tmp_path, mini_file, overrides):
    text = written(tmp_path, load_space(mini_file, overrides=overrides))
    assert "--set" not in text


def test_files_of_the_command_are_in_their_places(tmp_path, mini_file):
    space = load_space(
        mini_file, overrides=["data={dataset: mosi}"], data=["unaligned=data/mosi.pkl"]
    )
    assert "data/mosi.pkl" in written(tmp_path, space)


@pytest.mark.parametrize("source", ["", "name: other\n", "a: [", "\x00", "- 1\n# --set a=1\n"])
def test_a_text_that_does_not_give_the_recorded_values_is_not_used(tmp_path, mini_file, source):
    written(tmp_path, load_space(mini_file), source)
