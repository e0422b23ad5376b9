"""A wrong input is answered by one line that says what to type instead."""

import pytest

from search.errors import SpaceError
from search.space.reading import load_space

HEAD = "name: x\ndata: {dataset: synthetic}\nexperiment: {preset: [mosi, paper]}\n"
CELL = "ablations: {group: {baseline: {}}}\n"
SEARCH = HEAD + "search:\n  trials: 3\n  parameters:\n    "
NOTHING = "no range and no choice; got {}; expected {{low: ..., high: ...}} or {{choice: [...]}}"
DROPOUT = "not an option beside model.name: {}; expected model.name: ef_lstm or lf_lstm or "


def test_a_mistyped_key_and_the_one_that_is_then_missing_are_one_fault(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(HEAD + "search:\n  trial: 3\n")
    with pytest.raises(SpaceError) as caught:
        load_space(path)
    found = {problem.key: problem for problem in caught.value.problems}
    assert sorted(found) == ["search.parameters", "search.trial"]
    assert found["search.trial"].suggestion == "trials"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            CELL + "experiment: {model: {name: self_mm, dropout: 0.1}}",
            DROPOUT.format("self_mm")
            + "tfn or raven; or one of text, name, modalities, text_width,",
        ),
        (CELL + "experiment: {model: {dropout: 0.1}}", DROPOUT.format("sugrm")),
        ("ablations: {g: {baseline: {}, a: {model.dropout: 0.1}}}", DROPOUT.format("sugrm")),
        (SEARCH + "model.dropout: {low: 0.1, high: 0.2}", DROPOUT.format("sugrm")),
        (
            CELL + "experiment: {model: {encoder: {name: lstm, stride: 2}}}",
            "not an option beside model.encoder.name: lstm; expected model.encoder.name: spt; or "
            "one of name, embedding_dropout, depth",
        ),
        (
            SEARCH + "training.learning_rate: {low: 0.1, high: 0.2}",
            "a section of options, which has no range; expected one of training.learning_rate.text",
        ),
        (
            CELL + "experiment: {training: {learning_rate: 0.1}}",
            "got 0.1; expected keys and values: text, audio, vision, encoder, others",
        ),
        (
            SEARCH + "training.learning_rate.text: [1e-3, 1e-4]",
            NOTHING.format("[0.001, 0.0001]") + "; did you mean {choice: [0.001, 0.0001]}?",
        ),
        (SEARCH + "training.learning_rate.text: 0.5", NOTHING.format("0.5")),
        (SEARCH + "lr: {low: 0.1, high: 0.2}", "did you mean training.learning_rate.text?"),
        (SEARCH + "training.batch_size: {values: [8]}", "did you mean choice?"),
        (SEARCH + "training.batch_size: {min: 8, high: 9}", "did you mean low?"),
        (SEARCH + "training.batch_size: {}", "choice: missing; expected a list of values; or low:"),
        (CELL + "search: {sampler: tpe}", "got 'tpe'; expected keys and values: name, seed,"),
        (CELL + "resources: {cpus:2}", "cpus:2: unknown key; expected a space after the colon"),
        (CELL + "budget: {hours: 12h}", "got the text '12h'; expected a number"),
        ("- a\n- b", "not a space; got a list; expected keys and values"),
        ("", "empty; expected a space: name, data, experiment, ..."),
    ],
)
def test_a_slip_is_answered_with_what_to_type(tmp_path, text, message):
    path = tmp_path / "a.yaml"
    whole = text if text.startswith((HEAD, "-")) or not text else HEAD.partition("exp")[0] + text
    path.write_text(whole)
    with pytest.raises(SpaceError) as caught:
        load_space(path)
    assert message in str(caught.value)


@pytest.mark.parametrize("start", ["\ufeff", ""])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_editors_of_windows_write_is_read(tmp_path, start, end):
    path = tmp_path / "a.yaml"
    path.write_bytes((start + HEAD + CELL).replace("\n", end).encode())
    assert load_space(path).name == "x"


def test_a_binary_file_and_a_folder_are_no_space(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\x89PNG\r\n\x1a\n\xff")
    with pytest.raises(SpaceError, match="not text in UTF-8"):
        load_space(tmp_path / "a.yaml")
    with pytest.raises(SpaceError, match="a folder, not a file; expected a space file"):
        load_space(tmp_path)
