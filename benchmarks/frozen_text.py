"""Time an epoch that reads a frozen encoder's states, and one that runs the encoder.

The encoder is a BERT of all-MiniLM-L6-v2's size (6 layers, width 384) with random weights, so
nothing is downloaded; the corpus is synthetic, with texts of 16 words at most. Both ways train
the same model on the same batches and alternate, so that a busy machine slows both; the ratio is
the median over the pairs. Run: ``python benchmarks/frozen_text.py``; it prints a table.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from benchmarks.measuring.command_line import parser_of
from sugrm import Corpus, ExperimentConfig, build_model, resolve
from sugrm.config import SyntheticConfig
from sugrm.data import write_synthetic
from sugrm.modules.tiny_bert import tiny_tokenizer
from sugrm.objectives import build_objective
from sugrm.training.feed import Feed, build_feed
from sugrm.training.frozen_text import text_states
from sugrm.training.optimisation.optimiser import build_optimiser
from sugrm.types import Split

PAIRS = 5
CPU = torch.device("cpu")
CORPUS = SyntheticConfig(train=256, audio_length=100, vision_length=100)
CASES: dict[str, dict[str, object]] = {
    "text_only": {"model": {"name": "text_only"}},
    "sugrm, LSTM encoder": {"model": {"encoder": {"name": "lstm"}}},
    "sugrm": {},
}


def save_encoder(folder: Path) -> str:
    """Save an encoder of minilm's size that knows tiny's vocabulary; return its name."""
    from transformers import BertConfig, BertModel
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    tokenizer = tiny_tokenizer()
    sizes = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12}
    torch.manual_seed(0)
    BertModel(
        BertConfig(vocab_size=len(tokenizer), intermediate_size=1536, **sizes)
    ).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def epoch_of(config: ExperimentConfig, model: nn.Module, feed: Feed) -> Callable[[], float]:
    """Return a function that trains one epoch and returns its seconds."""
    size = config.training.batch_size
    optimiser = build_optimiser(model, config.training)
    objective = build_objective(config.objective, batch_size=size)
    objective.reset(
        torch.from_numpy(feed.utterances.labels.copy()), torch.arange(len(feed)), device="cpu"
    )

    def train() -> float:
        started = time.perf_counter()
        model.train()
        for start in range(0, len(feed), size):
            batch = feed.batch(range(start, min(start + size, len(feed))))
            optimiser.zero_grad(set_to_none=True)
            output = model(batch)
            torch.autograd.backward(objective.loss(output, batch))
            objective.after_backward(output, batch, epoch=3)
            optimiser.step()
        return time.perf_counter() - started

    return train


def compare(name: str, config: ExperimentConfig, corpus: Corpus) -> str:
    """Return a row: seconds of an epoch both ways, and the ratio."""
    states = text_states(config, corpus, device=CPU)
    assert states is not None
    widths = {"audio_width": corpus.audio_width, "vision_width": corpus.vision_width}
    reading = epoch_of(
        config,
        build_model(config, text_width=states.width, **widths),
        build_feed(config, corpus, split=Split.TRAIN, states=states),
    )
    encoding = epoch_of(
        config, build_model(config, **widths), build_feed(config, corpus, split=Split.TRAIN)
    )
    pairs = [(reading(), encoding()) for _ in range(PAIRS + 1)][1:]
    first, second = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(theirs / own for own, theirs in pairs)
    return f"{name:<20} {first:>10.2f} s {second:>10.2f} s {ratio:>7.1f}x"


def main() -> None:
    """Print the table."""
    parser_of(__doc__).parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        text = {"name": save_encoder(Path(temporary) / "encoder"), "finetune": False}
        corpus = write_synthetic(CORPUS, cache=Path(temporary) / "cache")
        configs = {
            name: resolve({"preset": ["mosi", "paper"]}, options, {"model": {"text": text}})
            for name, options in CASES.items()
        }
        started = time.perf_counter()
        text_states(configs["sugrm"], corpus, device=CPU)
        seconds = time.perf_counter() - started
        print(f"one CPU thread, {CORPUS.train} utterances an epoch, median of {PAIRS} pairs")
        print(f"{'epoch of':<20} {'states':>12} {'encoder':>12} {'ratio':>8}")
        for name, config in configs.items():
            print(compare(name, config, corpus), flush=True)
        print(f"states of all three splits, once for all trials: {seconds:.1f} s")


if __name__ == "__main__":
    main()
