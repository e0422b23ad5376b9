"""The first moments of a run, before Ray has a part in it."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import yaml

from reports import load_results
from search import SearchError, load_space
from search.ledger import Ledger
from search.ledger.experiment_file import check_folder
from search.run import run_space
from search.tune import launcher
from tests.search.conftest import MINI

CELLS = ("search=", "confirm=")


NONE_NEEDED = SimpleNamespace(slots=lambda: 1, gpu_use="no GPU")


class Killed(BaseException):
    """The end of the process."""


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Run a space until it takes trials over, where the process is killed."""

    def adopt(ledger, key):
        raise Killed

    monkeypatch.setattr(launcher, "ray_capacity", lambda *_, **__: nullcontext(NONE_NEEDED))
    monkeypatch.setattr(Ledger, "adopt", adopt)
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))

    def run_until_then(space, **options):
        with pytest.raises(Killed):
            run_space(space, runs=tmp_path, **options)
        return tmp_path / space.name

    return run_until_then


def test_a_run_killed_while_it_takes_trials_over_can_be_continued(mini, start):
    folder = start(mini(*CELLS))
    check_folder(folder, "mini")
    assert (folder / "experiment.json").is_file()
    assert not (folder / "space.yaml").exists()


def test_a_space_given_as_a_dict_is_written_for_the_command_line(start):
    space = load_space(yaml.safe_load(MINI), overrides=CELLS)
    folder = start(space, command="sugrm-search run runs/mini/space.yaml")
    again = load_space(folder / "space.yaml", overrides=CELLS)
    assert again.to_dict() == space.to_dict()
    experiment = load_results(folder).experiment
    assert experiment.command == "sugrm-search run runs/mini/space.yaml"
    assert experiment.source == space.origin.source


@pytest.mark.parametrize(
    ("options", "address", "reason"),
    [
        ((), "127.0.0.1:1", "no Ray cluster answers"),
        (("resources.launcher=submitit",), "auto", "uses no Ray"),
        (("resources.launcher=sequential",), "auto", "computes in this process"),
    ],
)
def test_a_refused_command_leaves_the_record_of_the_run_as_it_is(
    mini, tmp_path, options, address, reason
):
    (tmp_path / "mini").mkdir()
    with pytest.raises(SearchError, match=reason):
        run_space(mini(*options), runs=tmp_path, address=address)
    assert list((tmp_path / "mini").iterdir()) == []
