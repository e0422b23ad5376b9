import sys

import pytest

from sugrm.config.registry import load_plugins, write_source
from sugrm.config.registry.sources import find_source, installed_source
from sugrm.errors import PluginError
from tests.sugrm.config.registry.conftest import LOSS, SYSTEM


def test_a_plug_in_is_a_file_a_path_a_package_or_an_installed_module(plugin, tmp_path):
    plugin()
    plugin("", name="own_package/__init__")
    plugin(SYSTEM, name="own_package/models")
    for name in ("own_plugin", "own_plugin.py", "./own_plugin.py", str(tmp_path / "own_plugin.py")):
        assert find_source(name, [tmp_path]).module == "own_plugin"
    package = find_source("own_package", [tmp_path])
    assert sorted(package.files) == ["own_package/__init__.py", "own_package/models.py"]
    assert find_source("typer.main", [tmp_path]).package == "typer"


def test_the_hash_is_that_of_the_files_wherever_they_are(plugin, tmp_path):
    first = find_source("own_plugin", [plugin().parent])
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "own_plugin.py").write_bytes(SYSTEM.replace("\n", "\r\n").encode())
    assert find_source("own_plugin", [other]).digest == first.digest
    plugin(SYSTEM + "# a comment\n")
    assert find_source("own_plugin", [tmp_path]).digest != first.digest


def test_the_hash_covers_the_plug_ins_that_one_imports(plugin, tmp_path):
    plugin("WIDTH = 4\n", name="own_layers")
    plugin(LOSS, name="own_other")
    plugin(SYSTEM.replace("\nclass", "\nfrom own_layers import WIDTH\nclass"))
    names = ["own_layers", "own_other", "own_plugin"]
    *_, first = load_plugins(names, folders=[tmp_path])
    assert [each.module for each in first.needs] == ["own_layers"]
    plugin(LOSS + "# changed\n", name="own_other")
    *_, second = load_plugins(names, folders=[tmp_path])
    plugin("WIDTH = 5\n", name="own_layers")
    *_, third = load_plugins(names, folders=[tmp_path])
    assert first.digest == second.digest != third.digest
    write_source(third, tmp_path / "copy")
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == [
        "own_layers.py",
        "own_plugin.py",
    ]


def test_an_import_of_a_file_that_is_not_named_says_what_to_do(plugin, tmp_path):
    plugin("", name="own_layers")
    plugin("import own_layers\n")
    with pytest.raises(PluginError, match="name a file beside the space in plugins before this"):
        load_plugins(["own_plugin"], folders=[tmp_path])


def test_a_file_that_only_the_path_of_python_finds_is_named_as_well(plugin, monkeypatch, tmp_path):
    """Else its source would be in no key; a notebook has its folder on that path."""
    plugin("WIDTH = 4\n", name="own_layers")
    plugin(SYSTEM.replace("\nclass", "\nfrom own_layers import WIDTH\nclass"))
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(PluginError, match=r"expected it before: plugins: \[own_layers, own_plugin"):
        load_plugins(["own_plugin"], folders=[tmp_path])
    *_, found = load_plugins(["own_layers", "own_plugin"], folders=[tmp_path])
    assert [each.module for each in found.needs] == ["own_layers"]


def test_a_module_of_a_package_beside_the_space_belongs_to_the_package(plugin, tmp_path):
    plugin("", name="own_package/__init__")
    plugin("WIDTH = 4\n", name="own_package/layers")
    plugin(
        SYSTEM.replace("\nclass", "\nfrom .layers import WIDTH\nclass"), name="own_package/models"
    )
    (found,) = load_plugins(["own_package.models"], folders=[tmp_path])
    assert found.module == "own_package.models"
    assert len(found.files) == 3
    with pytest.raises(PluginError, match="there is no plug-in 'own_package"):
        load_plugins(["own_package.modles"], folders=[tmp_path])


@pytest.mark.parametrize("name", ["json", "numpy", "sugrm"])
def test_a_file_with_the_name_of_an_installed_module_is_refused(plugin, name):
    before = sys.modules.get(name)
    with pytest.raises(PluginError, match="has the name of an installed module"):
        load_plugins([name], folders=[plugin(SYSTEM, name=name).parent])
    assert sys.modules.get(name) is before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no_such_plugin", "no such file or package in .*, and no installed module"),
        ("2fast", "no plug-in '2fast'"),
        ("sub/no.py", "no plug-in .*; expected the path of a Python file, its name without"),
        ("_struct", "no Python files"),
    ],
)
def test_what_is_not_there_is_named(tmp_path, name, message):
    with pytest.raises(PluginError, match=message):
        find_source(name, [tmp_path])


def test_a_file_whose_name_is_no_module_is_refused(tmp_path):
    (tmp_path / "my-model.py").write_text(SYSTEM)
    with pytest.raises(PluginError, match="'my-model' is no name of a Python module"):
        find_source("my-model.py", [tmp_path])


def test_an_installed_module_that_is_not_there_is_refused():
    with pytest.raises(PluginError, match="no installed module 'no_such_module'"):
        installed_source("no_such_module")
