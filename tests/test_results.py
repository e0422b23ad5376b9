"""docs/results.md holds what the published runs say, and these hold no data of others."""

import importlib
import json
import re
from pathlib import Path

import pytest
import yaml

from reports.statistics import paired_test

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "results"
PAGE = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
RUNS = sorted(path.parent for path in FOLDER.glob("*/experiment.json"))


@pytest.fixture(scope="module")
def make_results():
    return importlib.import_module("scripts.make_results")


def searches():
    return yaml.safe_load((FOLDER / "answer.yaml").read_text()).get("searches", {})


@pytest.mark.slow
def test_every_table_is_remade_from_the_published_runs(make_results):
    assert make_results.filled(PAGE) == PAGE, "run: python scripts/make_results.py"


@pytest.mark.slow
def test_a_table_that_says_something_else_is_found(make_results):
    """One digit of each table is changed: the page is then no longer what the runs say."""
    for block in re.finditer(
        r"^<!-- (?:table|best|effects|searches|commands).*?<!-- end -->", PAGE, re.M | re.S
    ):
        found = re.search(r"\d\.\d", block[0])
        assert found, block[0]
        place = block.start() + found.start()
        changed = PAGE[block.start() : place] + str((int(PAGE[place]) + 1) % 10)
        changed += PAGE[place + 1 : block.end()]
        assert make_results.filled(changed) == block[0] != changed


def test_an_effect_has_the_verdict_of_its_corrected_p(monkeypatch):
    """Of 6 and 10 pairs of one sign Holm's p are 2 / 2^6 = .031 and 2 * 2 / 2^10."""
    answers = importlib.import_module("scripts.results_answer")

    def effect(group, pairs, shift):
        by_seed = {seed: shift * (1 + seed / 100) for seed in range(pairs)}
        test = paired_test(dict.fromkeys(by_seed, 0.0), by_seed)
        return answers.Effect(group, "x", by_seed, test.difference, test.p, None, True)

    given = [effect("a", 6, -0.1), effect("a", 10, 0.1), effect("a", 2, 0.1)]
    given += [effect("b", 6, 0.1)] * 2
    monkeypatch.setattr(answers, "effects", lambda run: given)
    verdicts = [row[-1].text for row in answers.effects_table(None).rows]
    assert verdicts == ["helps", "harms", *["too few seeds"] * 3]


def test_the_page_names_a_table_for_every_run():
    shown = set(re.findall(r"^<!-- table (\S+) ", PAGE, re.M))
    if "<!-- searches -->" in PAGE:
        shown |= {
            name for kinds in searches().values() for names in kinds.values() for name in names
        }
    assert shown == {run.name for run in RUNS}


def test_an_unknown_table_or_column_is_refused(make_results):
    run = RUNS[0].name
    for block in (f"table {run} nothing", f"table {run} summary: nothing"):
        with pytest.raises(make_results.UnknownTableError, match="nothing"):
            make_results.filled(f"<!-- {block} -->\n\n<!-- end -->")


@pytest.mark.parametrize("run", RUNS, ids=[run.name for run in RUNS])
def test_a_published_run_holds_metrics_alone(run):
    names = {path.name for path in run.iterdir()}
    assert {"experiment.json", "trials", "roles", "epochs", "space.yaml", "README.md"} <= names
    assert not names & {"labels", "predictions", "utterances", "checkpoints", "tensorboard", "lock"}
    for file in (path for path in run.rglob("*") if path.is_file()):
        assert file.stat().st_size < 2**20
    text = (run / "experiment.json").read_text() + (run / "README.md").read_text()
    assert not re.search(r"(?<![\w.])/(?:home|root|tmp|work|Users)/", text)


@pytest.mark.parametrize("run", RUNS, ids=[run.name for run in RUNS])
def test_a_published_run_is_of_committed_code(run):
    versions = json.loads((run / "experiment.json").read_text())["versions"]
    assert all(not version["environment"]["git"]["modified"] for version in versions)
