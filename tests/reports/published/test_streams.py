import json

import pytest

from reports.published.streams import left_out_streams, why_no_published
from sugrm.config import resolve


@pytest.mark.parametrize(
    ("model", "streams"),
    [
        ({"name": "sugrm"}, ()),
        ({"name": "sugrm", "modalities": ["vision"]}, ("text", "audio")),
        ({"name": "text_only"}, ()),  # it has no such option
        ({"name": "mctn"}, ()),  # it names its streams in another order
        ({"name": "lf_lstm", "modalities": ["audio", "text"]}, ("vision",)),
    ],
)
def test_a_resolved_experiment_shows_the_streams_that_it_leaves_out(model, streams):
    config = resolve({"model": model}).model_dump_json()
    assert left_out_streams(config) == streams


def test_a_trial_without_a_configuration_leaves_out_nothing():
    assert left_out_streams("{}") == left_out_streams(json.dumps({"model": {}})) == ()


def test_the_reason_names_what_is_left_out_and_what_the_paper_reads():
    assert why_no_published(("audio", "vision"), "SUGRM of the run a") == (
        "No published values are shown for SUGRM of the run a, which leaves out audio, vision: the "
        "paper's systems read text, audio and vision."
    )
