"""Whether trials can start from the models that a space names, before anything starts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from search.space.texts import SEARCH_PLACE, texts_in_use
from search.trials.corpora import CorpusFolder
from search.trials.start.seen_texts import seen_texts
from sugrm.errors import StartError
from sugrm.types import Modality

if TYPE_CHECKING:
    from search.plan import Plan
    from search.space import Space
    from search.space.texts import TextUse
    from search.trials.start.models import StartModels
    from sugrm import Corpus, ExperimentConfig
    from sugrm.training.start.taking import Fit
    from sugrm.training.start.weights import StartFacts

_MOST_NAMED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedStarts:
    """The result of checking what trials start from.

    Attributes:
        lines: what they take over, a line for each model and each way in which it fits.
        warnings: a line for each corpus whose scored texts a model has seen, and for each model
            that lacks seeds of the trials.
        digests: name of a model -> seed of a trial -> digest of the weights that it starts from.
    """

    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    digests: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


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
        StartError: a model is missing or damaged, or has nothing in common with a trial; the
            message has a part for each of them.
    """
    places: dict[str, list[str]] = {}
    faults: dict[str, None] = {}
    digests: dict[str, dict[int, str]] = {}
    warnings: dict[str, None] = {}
    for use, name, seeds in _starting(space, plan, corpora=corpora):
        corpus = corpora[use.config.alignment]
        try:
            facts = {s: found for s in seeds if (found := starts.facts(use.config, s)) is not None}
            line = _line(use.config, facts[seeds[0]], corpus=corpus, starts=starts)
        except StartError as error:
            faults[str(error)] = None
            continue
        places.setdefault(line, []).append(use.place)
        digests.setdefault(name, {}).update({seed: each.digest for seed, each in facts.items()})
        notes = (*_unpaired(name, seeds, starts=starts), *_seen(name, corpus, starts=starts))
        warnings.update(dict.fromkeys(notes))
    if faults:
        raise StartError("\n".join(faults))
    return CheckedStarts(
        lines=tuple(f"{line} ({_named(where)})" for line, where in places.items()),
        warnings=tuple(warnings),
        digests=digests,
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
    for use, _, seeds in _starting(space, plan, corpora=corpora):
        for seed in seeds:
            starts.copy(use.config, seed)


def _starting(
    space: "Space", plan: "Plan", *, corpora: Mapping[str, CorpusFolder]
) -> "Iterator[tuple[TextUse, str, tuple[int, ...]]]":
    """Yield the experiments that start from a model and have data, with its name and their seeds.

    Each comes once at its place.
    """
    searched = *plan.search_seeds, *plan.confirm_seeds
    known = set()
    for use in texts_in_use(space):
        config = use.config
        key = config.model, config.alignment, config.start_from, use.place
        if config.start_from is not None and config.alignment in corpora and key not in known:
            known.add(key)
            seeds = searched if use.place == SEARCH_PLACE else plan.seeds
            yield use, config.start_from.model, tuple(dict.fromkeys(seeds))


def _line(
    config: "ExperimentConfig",
    facts: "StartFacts",
    *,
    corpus: CorpusFolder,
    starts: "StartModels",
) -> str:
    from sugrm import Corpus

    assert config.start_from is not None
    fit = _fit(config, Corpus.open(corpus.folder, corpus.dataset), facts=facts)
    source = starts.source(config.start_from.model)
    seeds, others = source.seeds, ""
    if len(seeds) > 1:
        others = (
            f"; a trial with one of the seeds {', '.join(map(str, seeds))} starts from the model "
            f"of the same seed, any other trial from that of seed {seeds[0]}"
        )
    title = f"; it is {source.title}" if source.title else ""
    return f"starts from {fit.recorded}{title}{others}"


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


def _unpaired(name: str, seeds: tuple[int, ...], *, starts: "StartModels") -> Iterator[str]:
    """Yield a line if the configuration of a model has seeds of the trials, and no model of them.

    The pairs would be there if that run had ended, or had kept all of its models.
    """
    source = starts.source(name)
    lacks = [f"{seed} ({source.absent[seed]})" for seed in seeds if seed in source.absent]
    if lacks:
        yield (
            f"start_from: {name} has no model of the seeds {', '.join(lacks)}; trials with these "
            f"seeds start from the model of seed {source.seeds[0]}, and run again once their own "
            "is there"
        )


def _seen(name: str, corpus: CorpusFolder, *, starts: "StartModels") -> Iterator[str]:
    """Yield a line if a model has seen texts that score the trials, or if that is not known."""
    from sugrm import Corpus

    seen = seen_texts(starts.source(name), own=corpus.fingerprint)
    opened = Corpus.open(corpus.folder, corpus.dataset)
    counts = seen.counts(opened)
    if any(counts.values()):
        found = " and ".join(
            f"{count} of {len(opened.splits[split])} {split} utterances"
            for split, count in counts.items()
            if count
        )
        yield (
            f"start_from: {name} was trained on texts of {found} of this data, so their scores may "
            "look better than they are; leave these texts out of its data (data.exclude.texts_of) "
            "and train it again"
        )
    elif not seen.whole:
        yield (
            f"start_from: it is not known on which texts {name} was trained, so whether it has "
            "seen texts of the validation or test split cannot be checked; its run would tell"
        )
