"""Every function of the public API names a wrong argument and says what was expected."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sugrm import (
    Corpus,
    SugrmError,
    TrainingRun,
    build_model,
    evaluate,
    fit,
    load_corpus,
    load_trained,
    resolve,
)
from sugrm.config import DataConfig, SyntheticConfig, nested
from sugrm.data import (
    Reading,
    describe,
    id_warnings,
    import_features,
    write_synthetic,
    write_synthetic_pickle,
)
from sugrm.errors import first_line
from sugrm.training.checkpoints.checkpoint import save_checkpoint
from sugrm.types import Split

SMALL = {
    "preset": ["mosi", "paper"],
    "model": {"text": {"name": "tiny"}, "width": 4, "encoder": {"name": "lstm"}},
    "training": {"max_epochs": 1, "batch_size": 8, "device": "cpu"},
}
CONFIG = resolve(SMALL)
ALIGNED = resolve(SMALL, {"alignment": "aligned"})
TEXT_ONLY = resolve(SMALL, {"preset": "text_only"})
DATA = DataConfig(
    dataset="synthetic",
    synthetic=SyntheticConfig(train=16, valid=8, test=8, audio_length=4, vision_length=4),
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_synthetic(DATA.synthetic, cache=tmp_path_factory.mktemp("cache"))


def without(corpus, split):
    """Return a corpus whose split has no utterance."""
    utterances = corpus.splits[split]
    empty = replace(utterances.content, ids=[], raw_text=[], labels=utterances.labels[:0])
    return replace(corpus, splits={**corpus.splits, split: replace(utterances, content=empty)})


def to_score(corpus):
    """Return a corpus as ``read_inputs`` marks it."""
    return replace(corpus, notes=replace(corpus.notes, for_training=False))


@pytest.mark.parametrize(
    ("seed", "got"),
    [
        (-1, "-1"),
        (2**32, "4294967296"),
        (2**64, "18446744073709551616"),
        (True, r"True \(bool\)"),
        (1.0, r"1\.0 \(float\)"),
        ("1111", r"'1111' \(str\)"),
        (None, "None"),
    ],
)
def test_a_seed_is_a_whole_number_that_every_generator_takes(corpus, seed, got):
    message = rf"seed is {got}; expected a whole number from 0 to 4294967295"
    for call in (fit, TrainingRun):
        with pytest.raises(SugrmError, match=message):
            call(CONFIG, corpus, seed=seed)


def test_the_smallest_the_largest_and_numpys_seeds_are_taken(corpus):
    seeds = [0, 2**32 - 1, np.int64(3)]
    assert [TrainingRun(CONFIG, corpus, seed=seed).seed for seed in seeds] == [0, 2**32 - 1, 3]


WRONG = {
    "a dict for a config": (
        lambda corpus: fit(SMALL, corpus),
        r"config is of type dict; expected an ExperimentConfig; sugrm\.resolve",
    ),
    "no corpus": (lambda _: fit(CONFIG, None), "corpus is None; expected a Corpus"),
    "a path for a corpus": (lambda _: TrainingRun(CONFIG, "x", seed=1), r"corpus is 'x' \(str\)"),
    "aligned config": (
        lambda corpus: fit(ALIGNED, corpus),
        "alignment: aligned, but the corpus synthetic is unaligned; expected the same",
    ),
    "no validation": (
        lambda corpus: fit(CONFIG, without(corpus, Split.VALID)),
        "synthetic has no utterance in its split valid",
    ),
    "no training": (
        lambda corpus: fit(CONFIG, without(corpus, Split.TRAIN)),
        "no utterance in its split train",
    ),
    "a split missing": (
        lambda corpus: fit(CONFIG, replace(corpus, splits={})),
        "no utterance in its split train",
    ),
    "a corpus to score": (
        lambda corpus: fit(CONFIG, to_score(corpus)),
        r"was read to be scored, .*; expected one of load_corpus or import_features\.",
    ),
    "on_epoch no function": (
        lambda corpus: fit(CONFIG, corpus, on_epoch=3),
        "on_epoch is of type int; expected a function",
    ),
    "checkpoint a number": (
        lambda corpus: fit(CONFIG, corpus, checkpoint=3),
        r"checkpoint is 3 \(int\); expected a path",
    ),
    "checkpoint a file": (
        lambda corpus: fit(CONFIG, corpus, checkpoint=__file__),
        "is a file; expected a folder",
    ),
    "finish too early": (
        lambda corpus: TrainingRun(CONFIG, corpus, seed=1).finish(),
        "no epoch has been trained",
    ),
    "an unknown preset": (lambda _: resolve({"preset": ["mosi", 3]}), "preset '3' is unknown"),
    "no preset": (lambda _: resolve({"preset": None}), "preset 'None' is unknown"),
    "a text for options": (lambda _: resolve("mosi"), "expected a mapping of nested options"),
    "a config for options": (lambda _: resolve(CONFIG), r"model_dump\(mode=\"json\"\)"),
    "bytes for a preset": (lambda _: resolve({"preset": b"mosi"}), "preset \"b'mosi'\" is unknown"),
    "a pair for a key": (
        lambda _: resolve({"training": {(1, 2): 2}}),
        'a key of training is of type tuple; expected text, as "batch_size"',
    ),
    "a number for a key": (lambda _: resolve({1: 2}), r"a key of an option layer is 1 \(int\)"),
    "a key in a list": (
        lambda _: resolve({"objective": {"tasks": [{b"M": 1}]}}),
        "a key of tasks is of type bytes",
    ),
    "a path in options": (
        lambda _: resolve({"model": {"text": {"name": Path("x")}}}),
        r"model\.text\.name is of type PosixPath; expected plain data",
    ),
    "dotted text": (lambda _: nested("a.b"), "expected a mapping"),
    "dotted number": (lambda _: nested({1: 2}), r"a dotted key is 1 \(int\)"),
    "dotted twice": (lambda _: nested({"a": 1, "a.b": 2}), "a.b lies below a"),
    "a dict for data": (
        lambda _: load_corpus({"dataset": "synthetic"}, "unaligned"),
        "data is of type dict; expected a DataConfig",
    ),
    "no data": (lambda _: load_corpus(None, "unaligned"), "data is None"),
    "alignment": (lambda _: load_corpus(DATA, None), "expected unaligned or aligned"),
    "no file named": (
        lambda _: load_corpus(DataConfig(dataset="mosi"), "aligned"),
        r"data\.aligned is missing",
    ),
    "no such file": (
        lambda _: load_corpus(DataConfig(dataset="mosi", aligned="/none.pkl"), "aligned"),
        r"/none\.pkl: cannot read",
    ),
    "import a null character": (
        lambda _: import_features("a\0b", Reading(alignment="aligned")),
        r"path is 'a\\x00b'; expected a path, which holds no null character",
    ),
    "a null character in a folder": (lambda _: Corpus.open(Path("a\0b")), "no null character"),
    "a null character in the data": (
        lambda _: load_corpus(DataConfig(dataset="mosi", aligned="a\0b"), "aligned"),
        "no null character",
    ),
    "synthetic of nothing": (
        lambda _: write_synthetic(None),
        "config is None; expected a SyntheticConfig, as SyntheticConfig",
    ),
    "a pickle of nothing": (lambda _: write_synthetic_pickle("/none", None), "config is None"),
    "a pickle nowhere": (lambda _: write_synthetic_pickle(None, DATA.synthetic), "path is None"),
    "describe nothing": (lambda _: describe(None), r"corpus is None; expected a Corpus, as sugrm"),
    "ids of nothing": (lambda _: id_warnings(None), r"corpus is None; expected a Corpus"),
    "cache": (lambda _: load_corpus(DATA, "unaligned", cache=3), r"cache is 3 \(int\)"),
    "corpus folder": (lambda _: Corpus.open(None), "folder is None; expected a path"),
    "corpus nowhere": (lambda _: Corpus.open("/none"), "not a whole corpus cache"),
    "build of a dict": (
        lambda _: build_model({}, audio_width=5, vision_width=8),
        "config is of type dict",
    ),
    "width 0": (
        lambda _: build_model(CONFIG, audio_width=0, vision_width=8),
        "audio_width is 0; expected a whole number of at least 1",
    ),
    "width a text": (
        lambda _: build_model(CONFIG, audio_width=5, vision_width="8"),
        r"vision_width is '8' \(str\)",
    ),
    "load nothing": (lambda _: load_trained(None), "path is None; expected a path"),
    "load bytes": (lambda _: load_trained(b"/none"), "path is of type bytes"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_argument_is_named(corpus, case):
    call, message = WRONG[case]
    with pytest.raises(SugrmError, match=message) as raised:
        call(corpus)
    assert len(str(raised.value)) < 400


def model_of(config, **widths):
    return build_model(config, **{"audio_width": 5, "vision_width": 8, **widths})


class WithoutForward(torch.nn.Module):
    """A module with weights that computes nothing."""

    def __init__(self):
        super().__init__()
        self.words = torch.nn.Embedding(2, 4)


class SmallVocabulary(torch.nn.Module):
    """A model whose text encoder knows two tokens."""

    def __init__(self):
        super().__init__()
        self.words = torch.nn.Embedding(2, 4)

    def forward(self, batch):
        return self.words(batch.token_ids)


EVALUATED = {
    "nothing": (lambda: None, "model is None; expected a model of this package"),
    "another library's": (lambda: torch.nn.Linear(2, 2), "model Linear cannot score"),
    "one without forward": (WithoutForward, "required .forward. function"),
    "one without weights": (torch.nn.Identity, "model Identity has no weights"),
    "other vocabulary": (SmallVocabulary, "index out of range"),
    "other widths": (lambda: model_of(CONFIG, audio_width=3), "model Sugrm cannot score"),
    "other tasks": (lambda: model_of(TEXT_ONLY), "it has no head for T, A, V"),
}


@pytest.mark.parametrize("case", EVALUATED)
def test_evaluate_names_a_model_that_is_not_the_experiments(corpus, case):
    make, message = EVALUATED[case]
    with pytest.raises(SugrmError, match=message):
        evaluate(make(), CONFIG, corpus)


def joined(batch):
    return torch.cat([torch.zeros(2, 2), torch.zeros(1, 1)])


def convolved(batch):
    return torch.nn.Conv1d(2, 2, 1)(torch.zeros(1, 3, 4))


@pytest.mark.parametrize("forward", [joined, convolved])
def test_evaluate_takes_any_mismatch_of_sizes_for_a_foreign_model(corpus, monkeypatch, forward):
    model = model_of(CONFIG)
    monkeypatch.setattr(model, "forward", forward)
    with pytest.raises(SugrmError, match="model Sugrm cannot score"):
        evaluate(model, CONFIG, corpus)


@pytest.mark.parametrize(
    "message", ["CUDA error: an illegal memory access was encountered", "cuDNN error: EXECUTION"]
)
def test_evaluate_lets_a_fault_of_the_device_pass(corpus, monkeypatch, message):
    def forward(batch):
        raise RuntimeError(message)

    model = model_of(CONFIG)
    monkeypatch.setattr(model, "forward", forward)
    with pytest.raises(RuntimeError, match=message):
        evaluate(model, CONFIG, corpus)


@pytest.mark.parametrize(
    ("config", "split", "message"),
    [
        (CONFIG, "tests", "split is 'tests'; expected one of: train, valid, test"),
        (CONFIG, 3, "split is '3'"),
        ({}, "test", "config is of type dict"),
        (ALIGNED, "test", "alignment: aligned"),
    ],
)
def test_evaluate_names_a_wrong_experiment_or_split(corpus, config, split, message):
    with pytest.raises(SugrmError, match=message):
        evaluate(model_of(CONFIG), config, corpus, split)


@pytest.mark.slow
def test_paths_may_be_texts(tmp_path, corpus):
    folder = str(tmp_path / "fit")
    seen = []
    fit(CONFIG, corpus, seed=1, checkpoint=folder, on_epoch=seen.append)
    fit(CONFIG, corpus, seed=1, checkpoint=folder, on_epoch=seen.append)
    assert len(seen) == 1  # the second fit found the checkpoint of the first
    run = TrainingRun(CONFIG, corpus, seed=1)
    run.run_epoch()
    run.save_trained(folder)
    assert load_trained(folder).seed == load_trained(f"{folder}/best.pt").seed == 1
    assert Corpus.open(str(corpus.folder)).fingerprint == corpus.fingerprint


DAMAGED = {
    "cut": lambda whole: whole[:-20],
    "empty": lambda whole: b"",
    "text": lambda whole: b"hello, no file of torch",
    "an opcode": lambda whole: b"cut",
    "bits": lambda whole: whole[:80] + bytes([whole[80] ^ 0x10]) + whole[81:],
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_model_is_described_in_our_own_words(tmp_path, corpus, case):
    """Torch advises to switch off the restriction that keeps a file from running code."""
    run = TrainingRun(CONFIG, corpus, seed=1)
    run.save_trained(tmp_path)
    file = tmp_path / "best.pt"
    file.write_bytes(DAMAGED[case](file.read_bytes()))
    with pytest.raises(SugrmError, match="holds no trained model") as raised:
        load_trained(file)
    message = str(raised.value)
    assert "weights_only" not in message
    assert "\n" not in message
    assert "copy it again, or repeat the trial" in message


def trained_state(corpus, tmp_path):
    TrainingRun(CONFIG, corpus, seed=1).save_trained(tmp_path)
    return torch.load(tmp_path / "best.pt", weights_only=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("config"), "it has no config"),
        (lambda s: s.update(config="{}x"), "its configuration is none of this version"),
        (lambda s: s.update(inputs={"depth": 1}), "another shape: depth"),
        (lambda s: s["model"].update(odd=torch.zeros(1)), "another shape: odd"),
        (lambda s: s["model"].update({"heads.M.out.weight": torch.zeros(9)}), r"heads\.M\.out"),
        (lambda s: s["model"].pop("heads.M.out.weight"), r"heads\.M\.out\.weight"),
        (lambda s: s["model"].clear(), r"and \d+ more"),
    ],
)
def test_a_readable_file_of_other_content_is_named(tmp_path, corpus, change, message):
    state = trained_state(corpus, tmp_path)
    change(state)
    save_checkpoint(tmp_path, state, name="best.pt")
    with pytest.raises(SugrmError, match=message):
        load_trained(tmp_path)


def test_a_checkpoint_that_is_no_checkpoint_starts_anew_without_torchs_advice(tmp_path, caplog):
    (tmp_path / "last.pt").write_bytes(b"hello, no file of torch")
    run = TrainingRun(
        CONFIG, write_synthetic(DATA.synthetic, cache=tmp_path), seed=1, checkpoint=tmp_path
    )
    assert run.history == ()
    assert "cut short or damaged" in caplog.text
    assert "set aside as last.pt.damaged" in caplog.text
    assert "weights_only" not in caplog.text


def test_another_librarys_message_is_cut_to_one_short_line():
    assert first_line(OSError("\n no model:\nsee https://...")) == "no model"
    assert first_line(EOFError()) == "EOFError"
    assert len(first_line(ValueError("x" * 10_000))) == 203


def test_a_folder_without_an_encoder_is_named_as_that(tmp_path, corpus):
    config = resolve(SMALL, {"model": {"text": {"name": str(tmp_path)}}})
    with pytest.raises(SugrmError, match=r"the folder has no config\.json"):
        fit(config, corpus)
