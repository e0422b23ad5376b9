from pathlib import Path

import pytest

from search import load_space
from search.plan import build_plan
from search.trials.corpora import convert
from search.trials.factory import TrialFactory
from search.trials.plugin_copies import PluginCopy, kept_copy
from search.worker import node_plugins
from search.worker.node_plugins import load_task_plugins
from sugrm import resolve
from sugrm.config.registry import load_plugins
from sugrm.errors import DataError
from tests.sugrm.config.registry.conftest import SYSTEM, plugin

__all__ = ["plugin"]

SPACE = """
name: own
plugins: [own_layers, own_plugin]
data:
  dataset: synthetic
  synthetic: {train: 8, valid: 4, test: 4, audio_length: 4, vision_length: 4, text_length: 8}
experiment:
  model: {name: own, text: {name: tiny}}
ablations:
  systems: {baseline: {}, SUGRM: {model.name: sugrm}}
"""
USES_LAYERS = SYSTEM.replace("\nclass", "\nfrom own_layers import WIDTH\nclass").replace(
    "int = 4", "int = WIDTH"
)


@pytest.fixture
def factory(plugin, tmp_path, monkeypatch):
    """Return the factory of a space with a plug-in that imports another one."""
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "driver"))
    plugin("WIDTH = 6\n", name="own_layers")
    plugin(USES_LAYERS)
    (tmp_path / "own.yaml").write_text(SPACE)

    def made():
        space = load_space(tmp_path / "own.yaml")
        return TrialFactory(space, convert(space, build_plan(space)), run=tmp_path / "run")

    return made


@pytest.fixture
def forget(monkeypatch):
    """Let the next load see what another process sees: nothing imported yet."""
    monkeypatch.setattr(node_plugins, "_IN_USE", {})


def test_the_source_is_part_of_the_key_of_its_own_trials_alone(factory, plugin):
    before = factory()
    keys = before.key({}, 1), before.key({"model.name": "sugrm"}, 1)
    plugin("WIDTH = 6  # the same\n", name="own_layers")
    after = factory()
    assert after.key({}, 1) != keys[0]
    assert after.key({"model.name": "sugrm"}, 1) == keys[1]


def test_a_task_names_copies_and_one_of_the_package_alone_names_none(factory):
    made = factory()
    (copy,) = made.task(made.trial({}, 1)).plugins
    folder = Path(copy["folder"])
    assert sorted(path.name for path in folder.iterdir()) == ["own_layers.py", "own_plugin.py"]
    assert made.task(made.trial({"model.name": "sugrm"}, 1)).plugins == []


def test_a_worker_imports_the_copy_although_the_file_has_changed(factory, plugin, forget):
    made = factory()
    task = made.task(made.trial({}, 1))
    plugin("raise RuntimeError('the changed file was imported')\n", name="own_layers")
    load_task_plugins(task)
    assert resolve({"model": {"name": "own"}}).model.width == 6


def test_a_worker_that_changed_to_another_source_changes_back(factory, plugin, forget):
    tasks = []
    for width in (6, 8):
        plugin(f"WIDTH = {width}\n", name="own_layers")
        made = factory()
        tasks.append(made.task(made.trial({}, 1)))
    found = []
    for task in (*tasks, tasks[0]):
        load_task_plugins(task)
        found.append(resolve({"model": {"name": "own"}}).model.width)
    assert found == [6, 8, 6]


def test_a_node_without_the_copy_says_what_it_lacks(factory, forget, tmp_path, monkeypatch):
    made = factory()
    task = made.task(made.trial({}, 1))
    (tmp_path / "driver").rename(tmp_path / "gone")
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "node"))
    with pytest.raises(DataError, match="no copy of the plug-in own_plugin"):
        load_task_plugins(task)


def test_a_copy_gives_the_source_that_it_was_made_of(factory, tmp_path):
    factory()
    *_, source = load_plugins(["own_layers", "own_plugin"], folders=[tmp_path])
    copy = kept_copy(source)
    assert copy == kept_copy(source)
    read = PluginCopy.from_task(vars_of(copy)).source(Path(copy.folder))
    assert (read.module, read.digest) == (source.module, source.digest)
    assert set(read.files) == {"own_layers.py", "own_plugin.py"}


def vars_of(copy):
    return {name: getattr(copy, name) for name in PluginCopy.__slots__}
