"""The plug-ins of a run are loaded from this machine's copies, or from what the user names."""

import sys

import pytest

from reports.ledger.reading.recorded_experiment import Experiment, Version
from reports.ledger.reading.results import Results
from search.cli.model_export.run_plugins import load_run_plugins
from search.errors import SearchError
from search.trials.plugin_copies import kept_copy
from sugrm.config.registry import added_systems
from sugrm.config.registry.registered import preserved
from sugrm.config.registry.sources import find_source
from tests.sugrm.config.registry.conftest import plugin

__all__ = ["plugin"]


@pytest.fixture
def run(plugin, tmp_path, monkeypatch):
    """Return a run that used a plug-in, with or without a copy of it on this machine."""
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    file = plugin()

    def make(*, keep):
        source = find_source(str(file), [tmp_path])
        if keep:
            kept_copy(source)
        version = Version(plugins={source.module: {"digest": source.digest}})
        experiment = Experiment(name="run", versions=(version,))
        return Results(folder=tmp_path / "run", experiment=experiment, trials={}, roles=())

    with preserved():
        yield make, file


def test_the_copy_of_this_machine_is_loaded(run):
    make, file = run
    results = make(keep=True)
    file.unlink()
    load_run_plugins(results, ())
    assert "own" in added_systems()
    assert "cache" in sys.modules["own_plugin"].__file__


def test_what_the_user_names_is_loaded_instead(run):
    make, file = run
    load_run_plugins(make(keep=False), [str(file)])
    assert "own" in added_systems()


def test_without_a_copy_the_message_asks_for_the_file(run):
    make, _ = run
    with pytest.raises(SearchError, match=r"no copy of it; name its file: --plugin own_plugin\.py"):
        load_run_plugins(make(keep=False), ())
    assert "own" not in added_systems()


@pytest.mark.parametrize(
    "named",
    [
        {"own_plugin": "{run}"},
        {"own_plugin": "../../run"},
        {"{run}/own_plugin": "{digest}"},
        {"{run}/own_plugin": "{digest}", "own_plugin": "{digest}"},
    ],
)
def test_source_that_comes_with_the_folder_of_a_run_is_not_executed(run, tmp_path, named):
    make, _ = run
    results = make(keep=True)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "own_plugin.py").write_text("raise SystemExit('executed')")
    (digest,) = [each["digest"] for each in results.experiment.newest.plugins.values()]
    known = {"run": tmp_path / "run", "digest": digest}
    plugins = {
        module.format(**known): {"digest": value.format(**known)} for module, value in named.items()
    }
    experiment = Experiment(name="run", versions=(Version(plugins=plugins),))
    foreign = Results(folder=tmp_path / "run", experiment=experiment, trials={}, roles=())
    with pytest.raises(SearchError, match="has no copy of it; name its file"):
        load_run_plugins(foreign, ())
