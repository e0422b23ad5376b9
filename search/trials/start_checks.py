"""Whether trials can start from the models that a space names, before anything starts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.space.texts import SEARCH_PLACE, texts_in_use
from search.trials.corpora import CorpusFolder
from sugrm.errors import StartError
from sugrm.types import Modality, Split

if TYPE_CHECKING:
    from search.plan import Plan
    from search.space import Space
    from search.space.texts import TextUse
    from search.trials.start_models import StartModels
    from sugrm import Corpus, ExperimentConfig
    from sugrm.training.start.taking import Fit
    from sugrm.training.start.weights import StartFacts

_MOST_NAMED = 4
_SCORED = (Split.VALID, Split.TEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedStarts:
    """The result of checking what trials start from.

    Attributes:
        lines: what they take over, a line for each model and each way in which it fits.
        warnings: a line for each corpus whose scored texts a model has seen.
    """

    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def check_starts(
    space: "Space", plan: "Plan", *, corpora: Mapping[str, CorpusFolder], starts: "StartModels"
) -> CheckedStarts:
    """Check that every model to start from is there and fits; return what trials take over of it.

    Args:
        space: the space.
        plan: its plan.
        corpora: the converted corpora, by alignment.
        starts: finds the models.

    Raises:
        StartError: a model is missing, or has nothing in common with a trial; the message has a
            part for each of them.
    """
    uses = list(_starting(space, corpora))
    places: dict[str, list[str]] = {}
    faults: dict[str, None] = {}
    for use in uses:
        seed = plan.search_seed if use.place == SEARCH_PLACE else plan.seeds[0]
        try:
            line = _line(use.config, seed, corpora=corpora, starts=starts)
        except StartError as error:
            faults[str(error)] = None
            continue
        places.setdefault(line, []).append(use.place)
    if faults:
        raise StartError("\n".join(faults))
    named = {(name, use.config.alignment) for use in uses if (name := _name(use.config))}
    return CheckedStarts(
        lines=tuple(f"{line} ({_named(where)})" for line, where in places.items()),
        warnings=tuple(
            line
            for name, alignment in sorted(named)
            for line in _seen(name, corpora[alignment], alignment=alignment, starts=starts)
        ),
    )


def copy_starts(
    space: "Space", plan: "Plan", *, corpora: Mapping[str, CorpusFolder], starts: "StartModels"
) -> None:
    """Copy the weights that trials start from, before any worker needs them.

    Args:
        space: the space.
        plan: its plan.
        corpora: the converted corpora, by alignment.
        starts: finds the models.

    Raises:
        DataError: the cache cannot be written.
    """
    for use in _starting(space, corpora):
        searched = (*plan.search_seeds, *plan.confirm_seeds)
        for seed in searched if use.place == SEARCH_PLACE else plan.seeds:
            starts.copy(use.config, seed)


def _starting(space: "Space", corpora: Mapping[str, CorpusFolder]) -> "Iterator[TextUse]":
    """Yield the experiments that start from a model and have data, each once at its place."""
    seen = set()
    for use in texts_in_use(space):
        config = use.config
        key = config.model, config.alignment, config.start_from, use.place
        if config.start_from is not None and config.alignment in corpora and key not in seen:
            seen.add(key)
            yield use


def _name(config: "ExperimentConfig") -> str:
    return "" if config.start_from is None else config.start_from.model


def _line(
    config: "ExperimentConfig",
    seed: int,
    *,
    corpora: Mapping[str, CorpusFolder],
    starts: "StartModels",
) -> str:
    from sugrm import Corpus

    assert config.start_from is not None
    facts = starts.facts(config, seed)
    assert facts is not None
    corpus = corpora[config.alignment]
    fit = _fit(config, Corpus.open(corpus.folder, corpus.dataset), facts=facts)
    seeds = starts.source(config.start_from.model).seeds
    others = ""
    if len(seeds) > 1:
        others = (
            f"; a trial of the seeds {', '.join(map(str, seeds))} starts from the model of its own "
            f"seed, another one from that of seed {seeds[0]}"
        )
    return f"starts from {fit.recorded}{others}"


def _fit(config: "ExperimentConfig", corpus: "Corpus", *, facts: "StartFacts") -> "Fit":
    """Return how weights fit the model of a trial, whose text encoder is not loaded."""
    import torch

    from sugrm import build_model
    from sugrm.modules.encoder_outline import encoder_outline
    from sugrm.training.start.taking import fit_of
    from sugrm.training.start.weights import TEXT_ENCODER, shapes_of

    reads_words = Modality.TEXT in config.model.streams and corpus.text_width is None
    outline = encoder_outline(config.model.text.name) if reads_words else None
    width = corpus.text_width
    if outline is not None and not config.model.READS_TOKENS:
        width = outline.width
    with torch.random.fork_rng(devices=[]):
        model = build_model(
            config,
            audio_width=corpus.audio_width,
            vision_width=corpus.vision_width,
            text_width=width,
            label_bound=corpus.dataset.label_bound,
        )
    own = {n: w for n, w in model.state_dict().items() if not n.startswith(TEXT_ENCODER)}
    text = None if outline is None else outline.shapes
    return fit_of(config, facts, own=shapes_of(own), text=text)


def _named(places: list[str]) -> str:
    known = list(dict.fromkeys(places))
    more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
    return f"{', '.join(known[:_MOST_NAMED])}{more}"


def _seen(
    name: str, corpus: CorpusFolder, *, alignment: str, starts: "StartModels"
) -> Iterator[str]:
    """Yield a line if the model of a name was trained on texts that score the trials."""
    from sugrm import Corpus
    from sugrm.data.excluded_texts import normalised

    seen = starts.source(name).seen_texts()
    if not seen:
        return
    opened = Corpus.open(corpus.folder, corpus.dataset)
    shared = {
        split: sum(normalised(text) in seen for text in opened.splits[split].raw_text)
        for split in _SCORED
    }
    if any(shared.values()):
        counts = " and ".join(
            f"{count} of {len(opened.splits[split])} {split} utterances"
            for split, count in shared.items()
        )
        yield (
            f"start_from: {name} was trained on texts of {counts} of the {alignment} data, so "
            "their scores may look better than they are; leave these texts out of its data "
            "(data.exclude.texts_of) and train it again"
        )
