import os
import sys

import pytest
import torch
from pydantic import ValidationError

from sugrm import resolve
from sugrm.config.registry import added_systems, load_plugins, plugin_digests
from sugrm.data import load_dataset
from sugrm.errors import PluginError
from sugrm.models import build_model
from sugrm.objectives import build_objective
from tests.sugrm.config.registry.conftest import LOSS, SYSTEM

OWN = {"model": {"name": "own"}}


def test_an_own_system_is_checked_and_built_like_any_other(plugin):
    load_plugins(["own_plugin"], folders=[plugin().parent])
    config = resolve({"model": {"name": "own", "width": 7, "text": {"name": "tiny"}}})
    assert build_model(config, audio_width=2, vision_width=2).in_features == 7
    with pytest.raises(ValidationError, match=r"model\.own\.depth"):
        resolve({"model": {"name": "own", "depth": 2}})
    with pytest.raises(ValidationError, match="'own'"):
        resolve({"model": {"name": "owm"}})


def test_changing_to_an_own_system_keeps_the_shared_options_alone(plugin):
    load_plugins(["own_plugin"], folders=[plugin().parent])
    config = resolve({"preset": ["mosi", "paper"]}, {"model": {"text": {"name": "tiny"}}}, OWN)
    assert config.model.text.name == "tiny"
    assert config.objective.tasks == ("M",)


def test_an_own_loss_is_named_or_given_with_its_options(plugin):
    load_plugins(["own_plugin"], folders=[plugin(LOSS).parent])
    named = resolve({"objective": {"loss": "pinball"}})
    given = resolve(
        {"preset": ["mosi", "paper"]}, {"objective": {"loss": {"name": "pinball", "quantile": 0.9}}}
    )
    assert (named.objective.loss.quantile, given.objective.loss.quantile) == (0.5, 0.9)
    loss = build_objective(given.objective, batch_size=2).evaluation_loss(
        torch.tensor([0.0, 0.0]), torch.tensor([1.0, -1.0])
    )
    assert loss == pytest.approx((0.9 + 0.1) / 2)
    with pytest.raises(ValidationError, match="quantile"):
        resolve({"objective": {"loss": {"name": "pinball", "quantile": 2.0}}})
    with pytest.raises(ValidationError, match="'pinball'"):
        resolve({"objective": {"loss": "pinbal"}})


def test_a_loss_that_returns_a_mean_is_refused(plugin):
    text = LOSS.replace("(1 - options.quantile)\n", "(1 - options.quantile)).mean()\n").replace(
        "return errors", "return (errors"
    )
    load_plugins(["own_plugin"], folders=[plugin(text).parent])
    objective = build_objective(resolve({"objective": {"loss": "pinball"}}).objective, batch_size=2)
    with pytest.raises(PluginError, match=r"pinball returned shape \[\] for 3 predictions"):
        objective.evaluation_loss(torch.zeros(3), torch.zeros(3))


def test_an_own_dataset_is_known_by_its_name(plugin):
    text = (
        "from sugrm.plugins import DatasetDescription\n"
        "PODCASTS = DatasetDescription(name='podcasts', label_bound=2, metrics='regression')\n"
    )
    load_plugins(["own_plugin"], folders=[plugin(text).parent])
    assert load_dataset("podcasts").label_bound == 2


def test_a_changed_file_is_imported_again_and_an_equal_one_is_not(plugin):
    file = plugin()
    (first,) = load_plugins(["own_plugin"], folders=[file.parent])
    module = sys.modules["own_plugin"]
    load_plugins(["own_plugin"], folders=[file.parent])
    assert sys.modules["own_plugin"] is module
    plugin(SYSTEM.replace("width: int = 4", "width: int = 5"))
    old = resolve(OWN)
    (second,) = load_plugins(["own_plugin"], folders=[file.parent])
    assert resolve(OWN).model.width == 5
    assert first.digest != second.digest
    assert plugin_digests(old) == {"own_plugin": first.digest}
    inputs = {"audio_width": 2, "vision_width": 2, "text_width": 2}
    assert build_model(old, **inputs).in_features == 4  # what was resolved before stays


@pytest.mark.parametrize("where", ["own_plugin.py", "own_plugin/options.py"])
def test_a_file_changed_within_a_second_is_not_taken_from_compiled_code(plugin, monkeypatch, where):
    """Python compares only size and second of a file with those of its compiled code."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    folder = plugin().parent
    file = folder / where
    if file.name == "options.py":
        file.parent.mkdir()
        (folder / "own_plugin.py").unlink()
        (file.parent / "__init__.py").write_text("from own_plugin.options import *\n")
    for width in (4, 5):
        file.write_text(SYSTEM.replace("width: int = 4", f"width: int = {width}"))
        os.utime(file, (1, 1))
        load_plugins(["own_plugin"], folders=[folder])
        assert resolve(OWN).model.width == width
        assert list(folder.rglob("*.pyc"))


def test_experiments_of_the_package_alone_name_no_plug_in(plugin):
    load_plugins(["own_plugin"], folders=[plugin().parent])
    assert plugin_digests(resolve({})) == {}
    assert list(plugin_digests(resolve(OWN))) == ["own_plugin"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SYSTEM.replace('"own"', '"sugrm"'), "'sugrm', which the package has"),
        (SYSTEM + "AGAIN = System(options=OwnConfig, build=print)\n", "declares own twice"),
        (SYSTEM.replace("width: int = 4", "width: int"), "width of own has no default"),
        (SYSTEM.replace('Literal["own"] = ', "str = "), "OwnConfig has no fixed name"),
        (SYSTEM.replace("options=OwnConfig", "options=dict"), "expected a subclass of ModelSec"),
        (SYSTEM.partition("OWN =")[0], "own_plugin declares nothing; expected an object"),
        ("import no_such_module\n", r"own_plugin.py, line 1\): ModuleNotFoundError"),
        ("\n\n1 / 0\n", r"own_plugin.py, line 3\): ZeroDivisionError"),
        ("def broken(:\n", r"own_plugin.py, line 1\): SyntaxError"),
        ("raise SystemExit(3)\n", "SystemExit"),
    ],
)
def test_what_cannot_be_used_is_one_message_with_its_place(plugin, text, message):
    with pytest.raises(PluginError, match=message):
        load_plugins(["own_plugin"], folders=[plugin(text).parent])
    assert not added_systems()


def test_a_build_function_must_return_a_module(plugin):
    load_plugins(["own_plugin"], folders=[plugin(SYSTEM.replace("nn.Linear", "max")).parent])
    with pytest.raises(PluginError, match=r"own returned int; expected an nn\.Module"):
        build_model(resolve(OWN), audio_width=2, vision_width=2, text_width=2)
