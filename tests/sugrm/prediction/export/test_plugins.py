"""A model of an own system: the copy of its source in the folder is for people to read."""

import sys
from pathlib import Path

import pytest

from sugrm.config.registry import load_plugins
from sugrm.config.registry.registered import preserved
from sugrm.config.registry.sources import MARK
from sugrm.errors import ModelFolderError
from sugrm.prediction import load, write_model_folder

EXAMPLE = Path(__file__).parents[4] / "examples" / "late_fusion.py"
OPTIONS = {"model": {"name": "late_fusion", "text": {"name": "tiny"}}}


def forget():
    for name in [name for name, module in sys.modules.items() if hasattr(module, MARK)]:
        del sys.modules[name]


@pytest.fixture
def folder(train, tmp_path):
    """The folder of a trained example, and its scores; the plug-in is not loaded any more."""
    with preserved():
        load_plugins([str(EXAMPLE)])
        trained, result = train(OPTIONS)
        write_model_folder(tmp_path / "out", [trained])
    forget()
    with preserved():
        yield tmp_path / "out", result
    forget()


def test_the_copy_is_not_executed_unless_it_is_named(folder):
    place, _ = folder
    assert (place / "plugins" / "late_fusion.py").read_text() == EXAMPLE.read_text()
    with pytest.raises(ModelFolderError, match=r"--plugin .*plugins/late_fusion\.py") as raised:
        load(place)
    assert "late_fusion" not in sys.modules
    assert "\n" not in str(raised.value)


def test_with_its_plug_in_the_model_scores_as_its_trial(folder, corpus):
    place, result = folder
    predictor = load(place, plugins=[str(place / "plugins" / "late_fusion.py")])
    wanted = result.predictions["test"].predictions["M"]
    assert predictor.predict_corpus(corpus).scores.tolist() == wanted.tolist()


def test_another_version_of_the_plug_in_is_a_warning(folder):
    place, _ = folder
    file = place / "plugins" / "late_fusion.py"
    file.write_text(file.read_text() + "# changed\n")
    with pytest.warns(UserWarning, match="another version of the plug-in late_fusion"):
        load(place, plugins=[str(file)])


@pytest.mark.slow
def test_a_model_is_not_written_beside_another_version_of_its_plug_in(train, tmp_path):
    source = tmp_path / "late_fusion.py"
    source.write_text(EXAMPLE.read_text())
    with preserved():
        load_plugins([str(source)])
        trained, _ = train(OPTIONS)
        source.write_text(EXAMPLE.read_text() + "# changed\n")
        load_plugins([str(source)])
        other = type(trained.config).model_validate_json(trained.config.model_dump_json())
        object.__setattr__(trained, "config", other)
        with pytest.raises(ModelFolderError, match="another version of the plug-in late_fusion"):
            write_model_folder(tmp_path / "out", [trained])
    forget()
