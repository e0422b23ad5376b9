"""Sentences of a model card that follow from ``config.json``: streams, limits, citation."""

from collections.abc import Iterator, Mapping

from sugrm.prediction.card.facts import CardFacts
from sugrm.prediction.description import ModelDescription
from sugrm.types import Modality, Task

CITATION = """\
@inproceedings{hwang-kim-2023-self,
  title = "Self-Supervised Unimodal Label Generation Strategy Using Recalibrated Modality \
Representations for Multimodal Sentiment Analysis",
  author = "Hwang, Yewon and Kim, Jong-Hwan",
  booktitle = "Findings of the Association for Computational Linguistics: EACL 2023",
  year = "2023",
  pages = "35--46",
  doi = "10.18653/v1/2023.findings-eacl.2",
}"""

_SYSTEMS: Mapping[str, str] = {
    "text_only": "Text only",
    "ef_lstm": "EF-LSTM",
    "lf_lstm": "LF-LSTM",
    "tfn": "TFN",
    "raven": "RAVEN",
    "mctn": "MCTN",
    "mult": "MulT",
    "spt": "SPT",
    "mag_bert": "MAG-BERT",
    "self_mm": "Self-MM",
    "sugrm": "SUGRM",
}
DOMAINS: Mapping[str, str] = {
    "mosi": "monologues of film reviews on YouTube",
    "mosei": "monologues on many subjects on YouTube",
    "sims": "scenes of Chinese films, series and shows",
    "simsv2": "scenes of Chinese films, series and shows",
    "synthetic": "random numbers and made-up sentences",
}
"""Packaged dataset -> what its utterances are."""
LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "Chinese"}


def system_title(description: ModelDescription) -> str:
    """Return the name of the system for a title."""
    name = description.experiment.model.name
    return _SYSTEMS.get(name, name)


def stream_texts(description: ModelDescription) -> Iterator[tuple[str, str]]:
    """Yield each modality and what the model reads of it."""
    inputs, encoder = description.inputs, description.text_encoder
    for modality in Modality:
        if modality not in inputs.streams:
            yield modality.value, "not read"
        elif modality in inputs.untrained:
            yield modality.value, "left out: no utterance of the training data had any"
        elif modality in inputs.widths:
            yield (
                modality.value,
                f"frames of {inputs.widths[modality]} features, [T, {inputs.widths[modality]}]; "
                "an utterance may have none",
            )
        elif encoder is not None:
            ids = (
                ", or token ids of its vocabulary where a file stores them"
                if inputs.stored_ids
                else ""
            )
            yield (
                modality.value,
                f"words{ids}, at most {encoder.max_tokens} tokens of `{encoder.name}`; the tokens "
                "behind are cut off",
            )


def alignment_text(description: ModelDescription) -> str:
    """Return how audio and vision lie beside the text; "" for a model of the text alone."""
    inputs = description.inputs
    if tuple(inputs.streams) == (Modality.TEXT,):
        return ""
    if inputs.follows_words:
        return "Aligned: one frame of audio and vision for each word."
    if inputs.alignment == "aligned":
        return "Aligned: one frame of audio and vision for each token."
    return "Unaligned: each stream has its own number of frames."


def padded_text(description: ModelDescription) -> str:
    """Return the steps to pad each stream to, for a system that counts padding; else ""."""
    model, inputs = description.experiment.model, description.inputs
    if not model.pads_fully:
        return ""
    lengths = {m: inputs.padded_lengths[m] for m in inputs.streams}
    if Modality.TEXT in lengths and Modality.TEXT not in inputs.widths:
        lengths[Modality.TEXT] = model.text.max_tokens
    if inputs.follows_words:
        lengths = dict.fromkeys(lengths, model.text.max_tokens)
    return ", ".join(f"{m.value} to {count}" for m, count in lengths.items())


def data_title(description: ModelDescription, facts: CardFacts) -> str:
    """Return the name of the training data; other data than the dataset's are not called so."""
    dataset = description.inputs.dataset
    if dataset.name == "synthetic":
        return "synthetic data"
    return f"data read as {dataset.title}" if facts.is_other_data else dataset.title


def data_text(description: ModelDescription, facts: CardFacts) -> str:
    """Return what the training data are: utterances, language and labels."""
    dataset = description.inputs.dataset
    language = LANGUAGES.get(dataset.language, dataset.language)
    limit = f"{dataset.label_bound:g}"
    if facts.is_other_data:
        return (
            f"Data that were read in the way of {dataset.title} and are not {dataset.title} "
            f"itself, since their splits have other sizes. Their origin is not recorded. "
            f"Language: read as {language}. Labels from -{limit} to {limit}."
        )
    domain = DOMAINS.get(dataset.name, "")
    named = f"{dataset.title}: {domain}" if domain else dataset.title
    who = "made up with the data" if dataset.name == "synthetic" else "of humans"
    return f"{named}. Language: {language}. Labels {who}, from -{limit} to {limit}."


def _what_it_saw(description: ModelDescription, facts: CardFacts) -> str:
    dataset = description.inputs.dataset
    if dataset.name == "synthetic":
        return "The data are synthetic: the model is an example and scores no real utterance."
    language = LANGUAGES.get(dataset.language, dataset.language)
    seen = "the training data above" if facts.is_other_data else f"{language} and {dataset.title}"
    before = " and what the model saw that it started from" if description.started_from else ""
    return (
        f"It has seen {seen}{before} only. How it does in other languages, on other speakers, "
        "subjects and recordings has not been measured."
    )


def limits_of(description: ModelDescription, facts: CardFacts) -> Iterator[str]:
    """Yield what a user of the model has to know before trusting a score."""
    inputs = description.inputs
    yield _what_it_saw(description, facts)
    trained = [m for m in inputs.streams if m not in inputs.untrained]
    frames = [m.value for m in trained if m in inputs.widths]
    if frames:
        yield (
            f"Features of {' and '.join(frames)} must be made as those of the training data; other "
            "extractors of the same width give scores without meaning."
        )
    if len(trained) > 1:
        yield (
            "An utterance may lack a stream (text alone is enough for a score). The metrics hold "
            "for the streams that the test split has, not for utterances that lack more."
        )
    yield from _task_limits(description)
    if len(description.seeds) >= 3:
        yield (
            "`low` and `high` are the 95 % t interval of the mean over the seeds. They say how far "
            "the score depends on the seed of training, not how far it is from the true sentiment."
        )
    encoder = description.text_encoder
    if encoder is not None and encoder.merged_adapter:
        yield (
            "The adapters (LoRA) of the text encoder were merged into its weights: scores equal "
            "those of the trial but for rounding."
        )
    else:
        yield (
            "On a CPU a score equals that of the trial to the last bit for the same batches (batch "
            f"size {description.experiment.training.batch_size}, the order of the split), versions "
            "and threads; in other batches the last digits may differ."
        )


def _task_limits(description: ModelDescription) -> Iterator[str]:
    letters = [f"`score_{task.value}`" for task in description.tasks if task != Task.MULTIMODAL]
    if not letters:
        return
    scores = f"The scores of single modalities ({', '.join(letters)})"
    match description.experiment.objective.labels.name:
        case "none":
            why = "were trained on the label of the whole utterance"
        case "sugrm":
            why = (
                "were trained on generated labels, which had the opposite sign of the true "
                "sentiment more often than not where that is known"
            )
        case _:
            why = "were trained on generated labels"
    yield f"{scores} {why}: they do not measure the modality's own sentiment."
