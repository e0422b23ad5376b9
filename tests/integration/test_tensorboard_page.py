"""TensorBoard over a run, as somebody sees it who opens it in a browser."""

import pytest

from reports.ledger.reading.load import load_results
from tests.tensorboard_server import SECONDS, tensorboard

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SPACE = """
name: seen
data: {dataset: synthetic, synthetic: {train: 16, valid: 8, test: 8}}
experiment:
  preset: [mosi, paper]
  model: {text: {name: tiny}, width: 8, encoder: {layers: 1, heads: 2}}
  training: {max_epochs: 2}
ablations:
  rates:
    baseline: {}
    faster: {training.learning_rate.others: 0.0125, objective.tasks: [M, T]}
seeds: [3]
"""


@pytest.fixture
def run_folder(here, tmp_path):
    (tmp_path / "seen.yaml").write_text(SPACE)
    done = here("run", "seen.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    return tmp_path / "runs" / "seen"


def test_scalars_hyper_parameters_and_label_histograms_are_shown(run_folder, browser, tmp_path):
    results = load_results(run_folder)
    epochs = results.epochs().to_pylist()
    names = [path.name for path in (run_folder / "tensorboard").iterdir()]
    assert len(names) == 2
    with (
        tensorboard(run_folder / "tensorboard") as address,
        browser(width=1400, height=1000) as tab,
    ):
        page = tab.page
        page.set_default_timeout(1000 * SECONDS)

        def opened(dashboard):
            page.goto("about:blank")
            page.goto(f"{address}/#{dashboard}")

        def shown(*texts):
            for text in texts:
                page.get_by_text(text, exact=True).locator("visible=true").first.wait_for()

        def kept(dashboard):
            page.screenshot(path=tmp_path / f"{dashboard}.png")

        opened("timeseries")
        page.locator("input[placeholder='Filter tags (regex)']").fill("^valid/mae$|^labels/T$")
        for tag in ("valid/mae", "labels/T"):
            page.get_by_title(tag).first.wait_for()
        last = [f"{row['valid_mae']:.4f}".rstrip("0") for row in epochs if row["epoch"] == 2]
        shown(*names, *last)
        kept("timeseries")

        opened("scalars")
        shown("best/acc5", "best/corr", *names)
        kept("scalars")

        opened("hparams")
        shown("training.learning_rate.others", "objective.tasks", "best/acc5", *results.trials)
        shown("0.012500", "M, T, A, V", "M, T")  # numbers have five digits there
        kept("hparams")

        for dashboard, card in (("histograms", "histogram"), ("distributions", "distribution")):
            opened(dashboard)
            shown("labels/T", "labels/A", *names)
            cards = page.locator(f"tf-{card}-loader")
            # Three modalities of the baseline and one of the cell that keeps the tasks M and T.
            assert cards.count() == 4
            for place in range(4):
                cards.nth(place).locator("path").nth(1).wait_for(state="attached")
            kept(dashboard)
        assert tab.errors == []
