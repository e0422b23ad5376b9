import importlib.util
import json
from pathlib import Path

import pytest

from search.preflight import check_before_run
from search.trials.encoder_checks import check_encoders, check_local_encoders
from sugrm.errors import EncoderError
from tests.sugrm.tiny_encoders import POSITIONS, write_config

TOO_MANY = POSITIONS + 2  # those of RoBERTa's table, two of which no token has


@pytest.fixture
def names(tmp_path):
    """Names of encoders that have a configuration alone: no check may read their weights."""
    return {kind: write_config(tmp_path / kind, kind) for kind in ("roberta", "bert", "t5")}


def refused(check, *arguments, **options):
    with pytest.raises(EncoderError) as error:
        check(*arguments, **options)
    return str(error.value).splitlines()


def both_checks(space):
    """Return the lines with which the run and the plan refuse a space; they must be the same."""
    of_run = refused(check_encoders, space, reads_text=lambda alignment: True)
    assert refused(check_local_encoders, space) == of_run
    return of_run


def test_fixed_values_cells_and_searched_values_are_all_checked(mini, names):
    roberta = names["roberta"]
    space = mini(
        f"ablations={{g: {{long: {{model.text: {{name: {roberta}, max_tokens: {TOO_MANY}}}}}}}}}",
        f"search.parameters.model.text.name={{choice: [tiny, {names['bert']}, {names['t5']}]}}",
        "experiment.model.text.max_tokens=30",
    )
    lines = both_checks(space)
    assert lines == [
        f"model.text.max_tokens is 42, but text encoder {roberta!r} has positions for 40 tokens; "
        "expected at most 40: --set ablations.g.long.model.text.max_tokens=40",
        f"text encoder {names['t5']!r} is an encoder-decoder (t5): the states that it returns are "
        "those of its decoder, which writes a text of its own; expected an encoder such as BERT, "
        "RoBERTa, DeBERTa, MPNet or ModernBERT, or XLM-RoBERTa for other languages than English: "
        f"--set 'search.parameters.model.text.name.choice=[tiny,{names['bert']}]'",
    ]


def test_a_searched_range_is_checked_at_its_bounds(mini, names):
    space = mini(
        "ablations=",
        f"experiment.model.text={{name: {names['roberta']}, max_tokens: 30}}",
        f"search.parameters.model.text.max_tokens={{low: 20, high: {TOO_MANY}}}",
    )
    (line,) = both_checks(space)
    assert line.endswith("--set search.parameters.model.text.max_tokens.high=40")


def test_a_fault_of_the_fixed_values_is_named_once(mini, names):
    space = mini(f"experiment.model.text={{name: {names['bert']}, max_tokens: 41}}")
    (line,) = both_checks(space)
    assert line.endswith("expected at most 40: --set experiment.model.text.max_tokens=40")


def test_the_run_refuses_before_it_reads_weights_or_writes_a_folder(mini, names, tmp_path):
    space = mini(f"ablations={{g: {{a: {{}}, b: {{model.text.name: {names['t5']}}}}}}}")
    (line,) = refused(check_before_run, space, tmp_path / "runs")
    assert line.endswith("--set ablations.g.b.model.text.name=bert-base-uncased")
    assert not (tmp_path / "runs").exists()


def test_what_reads_no_text_is_not_checked(mini, names):
    t5 = f"experiment.model.text.name={names['t5']}"
    check_encoders(mini(t5), reads_text=lambda alignment: False)
    streams = "experiment.model={name: lf_lstm, modalities: [audio]}"
    check_encoders(
        mini("experiment={preset: lf_lstm}", streams, t5, "ablations="), reads_text=lambda a: True
    )


@pytest.mark.parametrize(
    "odd",
    [
        {"is_encoder_decoder": True},
        {"hidden_size": 100, "num_attention_heads": 12},
        {"hidden_act": "none such"},
    ],
)
def test_the_run_refuses_a_searched_encoder_whose_usual_configuration_is_wrong(mini, names, odd):
    """``config.json`` names a usual architecture with positions enough; the plan believes it."""
    file = Path(names["bert"]) / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **odd}))
    space = mini(
        f"search.parameters.model.text.name={{choice: [tiny, {names['bert']}]}}",
        "experiment.model.text.max_tokens=30",
    )
    (line,) = refused(check_encoders, space, reads_text=lambda alignment: True)
    assert names["bert"] in line


def test_no_outline_is_made_of_the_built_in_encoder(mini, monkeypatch):
    """It would import transformers, which takes seconds."""
    outline = "sugrm.modules.encoder_outline.encoder_outline"
    monkeypatch.setattr(outline, lambda name, **_: pytest.fail(name))
    check_encoders(mini(), reads_text=lambda alignment: True)
    check_local_encoders(mini())


def test_an_encoder_that_is_nowhere_is_refused_by_the_run_and_left_to_it_by_the_plan(mini):
    space = mini("ablations={g: {a: {}, b: {model.text.name: /no/such/folder}}}")
    (line,) = refused(check_encoders, space, reads_text=lambda alignment: True)
    assert line.startswith("text encoder '/no/such/folder' could not be loaded")
    check_local_encoders(space)


def test_layers_for_adapters_are_checked_in_every_cell(mini, names):
    lora = f"{{model.text.name: {names['bert']}, model.text.lora.targets: [q_lin]}}"
    space = mini(f"ablations={{g: {{a: {lora}}}}}", "experiment.model.text.max_tokens=30")
    (line,) = both_checks(space)
    assert line.endswith("--set 'ablations.g.a.model.text.lora.targets=[query,value]'")


def test_a_run_with_adapters_needs_peft(mini, monkeypatch, tmp_path):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "peft" else found(name)
    )
    space = mini("ablations={g: {a: {}, b: {model.text.lora.rank: 4}}}")
    (line,) = refused(check_before_run, space, tmp_path / "runs")
    assert line.startswith("model.text.lora needs the package peft")
    check_before_run(mini(), tmp_path / "runs")
