"""The first moments of a run, before Ray has a part in it."""

from contextlib import nullcontext

import pytest

from search import run, run_search
from search.ledger import Ledger
from search.ledger.experiment_file import check_folder


class Killed(BaseException):
    """The end of the process."""


def test_a_run_killed_while_it_takes_trials_over_can_be_continued(mini, tmp_path, monkeypatch):
    def adopt(ledger, key):
        raise Killed

    monkeypatch.setattr(run, "ray_capacity", lambda *_, **__: nullcontext(object()))
    monkeypatch.setattr(Ledger, "adopt", adopt)
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    space = mini("search=", "confirm=")
    with pytest.raises(Killed):
        run_search(space, runs=tmp_path)
    check_folder(tmp_path / space.name, space.name)
    assert (tmp_path / space.name / "experiment.json").is_file()
