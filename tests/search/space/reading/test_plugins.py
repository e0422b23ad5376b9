import pytest

from search import load_space
from search.errors import SpaceError
from search.plan import build_plan
from tests.sugrm.config.registry.conftest import LOSS, SYSTEM, plugin

__all__ = ["plugin"]

SPACE = """
name: own
plugins: [own_plugin]
data: {dataset: synthetic}
experiment:
  model: {name: own, text: {name: tiny}}
search:
  trials: 2
  parameters:
    model.width: {choice: [2, 4]}
ablations:
  systems:
    baseline: {}
    SUGRM: {model.name: sugrm}
"""


@pytest.fixture
def load(tmp_path):
    def loaded(text=SPACE, **options):
        (tmp_path / "own.yaml").write_text(text)
        return load_space(tmp_path / "own.yaml", **options)

    return loaded


def test_a_space_searches_and_compares_an_own_system(load, plugin):
    plugin()
    space = load()
    assert space.experiment_of({"model.width": 2}).model.width == 2
    assert [cell.name for cell in build_plan(space).cells] == ["baseline", "SUGRM"]
    assert [source.module for source in space.plugin_sources] == ["own_plugin"]


def test_an_own_loss_is_searched_with_its_options(load, plugin):
    plugin(SYSTEM + LOSS)
    text = SPACE.replace("search:", "  objective: {loss: pinball}\nsearch:")
    parameter = "    objective.loss.quantile: {low: 0.1, high: 0.9}\n"
    space = load(text.replace("ablations:", f"{parameter}ablations:"))
    changes = {"objective.loss.quantile": 0.3}
    assert space.experiment_of(changes).objective.loss.quantile == 0.3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "[own_plugin]",
            "[own_plugn]",
            r"own.yaml:3:11: plugins\[0\]: there is no plug-in 'own_plugn'",
        ),
        ("[own_plugin]", "own_plugin", "own.yaml:3:10: plugins: not allowed"),
        ("[own_plugin]", "[1]", r"own.yaml:3:11: plugins\[0\]: not allowed"),
        ("name: own,", "name: owm,", "own.yaml:6:17: experiment.model.name: unknown value"),
        ("model.width", "model.wdth", "own.yaml:10:5: search.parameters.'?model.wdth'?: unknown"),
        ("[2, 4]", "[2, x]", "own.yaml:10:31: "),
    ],
)
def test_faults_are_named_with_their_place(load, plugin, old, new, message):
    plugin()
    with pytest.raises(SpaceError, match=message):
        load(SPACE.replace(old, new))


def test_a_plug_in_that_fails_is_one_fault_at_its_place(load, plugin):
    plugin("1 / 0\n")
    with pytest.raises(SpaceError) as caught:
        load()
    assert len(str(caught.value).splitlines()) == 1
    assert (
        "own.yaml:3:11: plugins[0]: the plug-in own_plugin cannot be imported (own_plugin.py, "
        in (str(caught.value))
    )


def test_a_space_without_plug_ins_executes_nothing_beside_it(load, plugin):
    plugin("raise SystemExit('executed')\n")
    space = load(
        SPACE.partition("plugins")[0] + "data: {dataset: synthetic}\nablations: {a: {b: {}}}\n"
    )
    assert space.plugin_sources == ()
