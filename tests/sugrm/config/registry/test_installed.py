import sys
from importlib import metadata

import pytest

from sugrm import SugrmError, resolve
from sugrm.config.registry import installed, load_installed, plugin_digests
from tests.sugrm.config.registry.conftest import LOSS, SYSTEM

OWN = {"model": {"name": "own"}}


@pytest.fixture
def package(plugin, tmp_path, monkeypatch):
    """Return a function that installs a package with an entry point."""
    load_installed()
    monkeypatch.syspath_prepend(tmp_path)

    def install(value, text=SYSTEM, group="sugrm.models"):
        plugin(text, name="own_installed")
        entry = metadata.EntryPoint(name="own", value=value, group=group)
        found = {group: [entry]}
        monkeypatch.setattr(installed, "entry_points", lambda group: found.get(group, ()))
        load_installed.cache_clear()

    yield install
    sys.modules.pop("own_installed", None)
    load_installed.cache_clear()


@pytest.mark.parametrize("value", ["own_installed:OWN", "own_installed"])
def test_a_system_of_an_installed_package_is_known_without_being_named(package, value):
    package(value)
    config = resolve(OWN)
    assert config.model.width == 4
    assert list(plugin_digests(config)) == ["own_installed"]


def test_a_loss_of_an_installed_package_is_known(package):
    package("own_installed:PINBALL", LOSS, "sugrm.losses")
    assert resolve({"objective": {"loss": "pinball"}}).objective.loss.quantile == 0.5


@pytest.mark.parametrize(
    ("value", "text", "reason"),
    [
        ("own_installed:OWN", "1 / 0\n", "ZeroDivisionError"),
        ("own_installed:MISSING", SYSTEM, "AttributeError"),
        ("own_installed:OwnConfig", SYSTEM, "expected a System, a Loss, or a module"),
        ("no_such_package:OWN", SYSTEM, "no installed module"),
    ],
)
def test_a_broken_package_harms_only_those_who_name_its_system(package, value, text, reason):
    package(value, text)
    assert resolve({}).model.name == "sugrm"
    with pytest.raises(SugrmError, match=f"the entry point own of sugrm.models: .*{reason}"):
        resolve(OWN)
