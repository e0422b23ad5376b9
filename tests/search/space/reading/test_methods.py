import pytest

from search.errors import SpaceError
from search.space.reading import load_space

SPACE = """\
name: plain
data: {dataset: synthetic}
experiment: {preset: [mosi, paper]}
search:
  trials: 3
  objective: OBJECTIVE
  sampler: {name: SAMPLER}
  scheduler: {name: SCHEDULER}
  from: SOURCES
  start: []
  parameters:
    PARAMETER
    model.encoder.name: {choice: [spt, lstm]}
    model.encoder.attention_dropout: {low: 0.1, high: 0.2, when: {model.encoder.name: [spt]}}
"""
ONE = "{metric: valid/mae}"
TWO = "[{metric: valid/mae}, {metric: cost/parameters}]"
RANGE = "objective.huber_delta: {low: 1, high: 2}"
CHOICE = "objective.loss: {choice: [l1, l2]}"


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def load_(
        objective=ONE,
        sampler="tpe",
        scheduler="none",
        sources="[]",
        parameter=RANGE,
        encoders="[spt, lstm]",
    ):
        text = SPACE.replace("OBJECTIVE", objective).replace("SAMPLER", sampler)
        text = text.replace("SCHEDULER", scheduler).replace("SOURCES", sources)
        text = text.replace("[spt, lstm]", encoders)
        (tmp_path / "a.yaml").write_text(text.replace("PARAMETER", parameter))
        return load_space("a.yaml")

    return load_


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (
            {"objective": TWO, "scheduler": "asha"},
            "a.yaml:8:21: search.scheduler.name: trials are not stopped early where there "
            "are several objectives: one that is behind in the first may lead in another; got "
            "'asha'; expected none",
        ),
        (
            {"objective": TWO, "sampler": "cmaes"},
            "a.yaml:7:19: search.sampler.name: cmaes optimises one objective, and the search "
            "has several; got 'cmaes'; expected nsgaii, tpe, gp, qmc or random",
        ),
        (
            {"sampler": "cmaes", "parameter": CHOICE},
            "a.yaml:7:19: search.sampler.name: cmaes samples ranges without a condition, and "
            "search.parameters has none: it would draw at random; got 'cmaes'; expected tpe, or a "
            "parameter with low and high",
        ),
        (
            {"objective": "{metric: cost/parameters}"},
            "a.yaml:6:23: search.objective.metric: a cost as the first objective, which ranks "
            "trials and selects those to confirm; got 'cost/parameters'; expected a list that "
            "begins with a validation metric: [{metric: valid/mae}, {metric: cost/parameters}]",
        ),
        (
            {"objective": "[{metric: valid/mae}, {metric: valid/mae}]"},
            "a.yaml:6:45: search.objective[1].metric: the objective is listed twice; got "
            "'valid/mae'; expected each metric once",
        ),
        (
            {"objective": "[{metric: valid/mae}, {metric: test/mae}]"},
            "a.yaml:6:45: search.objective[1].metric: test/mae would choose on the test split, and "
            "no score of what was chosen would then be honest: choose on valid/mae, the report "
            "shows the test scores",
        ),
        (
            {"objective": "[{metrik: valid/mae}]"},
            "a.yaml:6:16: search.objective[0].metrik: unknown key; expected one of metric, mode; "
            "did you mean metric?",
        ),
        (
            {"objective": "[]"},
            "a.yaml:6:14: search.objective: no objective; expected at least one",
        ),
        (
            {"sources": "[plain]"},
            "a.yaml:9:10: search.from[0]: the run itself, whose trials are continued in any "
            "case; got 'plain'; expected names of other runs",
        ),
        (
            {"sources": "[a, a]"},
            "a.yaml:9:13: search.from[1]: the run is listed twice; got 'a'; expected each run once",
        ),
        (
            {"sources": "[../a]"},
            "a.yaml:9:10: search.from[0]: not the name of a run beside this one; got '../a'; "
            "expected a name as sugrm-search status shows it",
        ),
    ],
)
def test_what_does_not_go_together_is_refused_with_its_place(load, given, line):
    with pytest.raises(SpaceError) as caught:
        load(**given)
    assert str(caught.value) == line


@pytest.mark.parametrize("name", ["gp", "qmc", "nsgaii"])
def test_a_sampler_without_a_parameter_that_it_handles_is_refused(load, name):
    with pytest.raises(SpaceError, match=f"{name} handles parameters without a condition"):
        load(sampler=name, parameter="objective.loss: {choice: [l1]}", encoders="[spt]")


@pytest.mark.parametrize("name", ["tpe", "random", "gp", "qmc", "nsgaii"])
def test_several_objectives_go_with_every_sampler_but_cmaes(load, name):
    search = load(objective=TWO, sampler=name).search
    assert [each.metric for each in search.objectives] == ["valid/mae", "cost/parameters"]
    assert [each.mode for each in search.objectives] == ["min", "min"]


def test_one_objective_in_a_list_is_one_objective(load):
    search = load(objective=f"[{ONE}]", sampler="cmaes", scheduler="median").search
    assert search.primary.metric == "valid/mae"


def test_a_space_keeps_the_name_of_the_key_from(load):
    space = load(sources="[first, second]")
    assert space.search.sources == ("first", "second")
    assert space.to_dict()["search"]["from"] == ["first", "second"]
