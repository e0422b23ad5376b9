"""The model card: ``README.md`` of a model folder, with the metadata that the hub reads."""

from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sugrm.prediction.card.facts import CardFacts, MetricFact
from sugrm.prediction.card.sentences import (
    CITATION,
    alignment_text,
    data_text,
    data_title,
    limits_of,
    padded_text,
    stream_texts,
    system_title,
)
from sugrm.prediction.description import LIBRARY, ModelDescription

if TYPE_CHECKING:
    from huggingface_hub import EvalResult, ModelCardData

TEMPLATE = "card.md.j2"
UNKNOWN_LICENSE = "unknown"
_HUB_NAMES = {"minilm": "sentence-transformers/all-MiniLM-L6-v2", "tiny": None}
_HUB_METRICS = {"mae": "mae", "corr": "pearsonr"}
_TASK = "multimodal-sentiment-analysis"


def card_text(
    description: ModelDescription, facts: CardFacts | None = None, *, license_id: str = ""
) -> str:
    """Return the text of a model card: metadata in YAML, then plain words.

    Args:
        description: the content of ``config.json``.
        facts: what the run knows of the model; None without a run.
        license_id: licence of the weights, as the hub names it; "" for an unknown one.
    """
    from huggingface_hub import ModelCard

    known = facts or CardFacts()
    metadata = _metadata(description, known, license_id=license_id or UNKNOWN_LICENSE).to_yaml()
    text = _environment().from_string(files(__package__).joinpath(TEMPLATE).read_text("utf-8"))
    body = text.render(**_values(description, known, license_id=license_id))
    return str(ModelCard(f"---\n{metadata}\n---\n\n{body.strip()}\n", ignore_metadata_errors=False))


def _environment() -> Any:  # noqa: ANN401 - Jinja's, loaded here only
    from jinja2 import Environment, StrictUndefined

    made = Environment(
        trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, autoescape=False
    )
    made.filters["cell"] = _cell
    made.filters["fenced"] = _fenced
    return made


def _values(
    description: ModelDescription, facts: CardFacts, *, license_id: str
) -> dict[str, object]:
    inputs, encoder = description.inputs, description.text_encoder
    bound = f"{inputs.dataset.label_bound:g}"
    reads_text = any(stream == "text" for stream in inputs.streams)
    trained = [each.value for each in inputs.streams if each not in inputs.untrained]
    return {
        "title": _name(description, facts),
        "streams": list(stream_texts(description)),
        "reads": _listed([_FROM[each] for each in trained]),
        "low": f"-{bound}",
        "high": bound,
        "seeds": description.seeds,
        "reads_words": reads_text and description.text_encoder is not None,
        "reads_text_alone": trained == ["text"],
        "alignment": alignment_text(description),
        "data": data_text(description, facts),
        "facts": facts,
        "metrics": [_row(each) for each in facts.metrics],
        "limits": list(limits_of(description, facts)),
        "description": description,
        "program_inputs": ", ".join(
            f'"{m.value}": {m.value}, "{m.value}_lengths": {m.value}_lengths'
            for m in inputs.streams
        ),
        "padded": padded_text(description),
        "plugin_files": [f"FOLDER/{each.file}" for each in description.plugins],
        "left_out": encoder.name if encoder is not None and encoder.base is not None else "",
        "license_id": license_id,
        "citation": CITATION,
    }


def _name(description: ModelDescription, facts: CardFacts) -> str:
    return f"{system_title(description)}, trained on {data_title(description, facts)}"


_FROM = {"text": "its words", "audio": "its voice", "vision": "its face"}


def _row(fact: MetricFact) -> list[str]:
    """Return the cells of a metric; fractions are shown in percent."""

    def shown(value: float | None) -> str:
        if value is None:
            return "not recorded"
        return f"{100 * value:.1f} %" if fact.is_fraction else f"{value:.3f}"

    spread = "" if fact.deviation is None else f" ± {shown(fact.deviation)}"
    interval = "none below 3 seeds" if fact.seeds < 3 else "too wide to state"
    if fact.low is not None:
        interval = f"[{shown(fact.low)}, {shown(fact.high)}]"
    return [
        fact.title,
        shown(fact.exported),
        f"{shown(fact.mean)}{spread}",
        interval,
        str(fact.seeds),
    ]


def _listed(words: list[str]) -> str:
    """Return words as an enumeration.

    >>> _listed(["its words"]), _listed(["its words", "its voice", "its face"])
    ('its words', 'its words, its voice and its face')
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _cell(value: object) -> str:
    """Return a value as the text of a cell of a Markdown table."""
    return " ".join(str(value).split()).replace("|", "\\|")


def _fenced(text: str, language: str) -> str:
    """Return text as a block of code, between fences that are longer than any in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.strip()}\n{fence}"


def _metadata(
    description: ModelDescription, facts: CardFacts, *, license_id: str
) -> "ModelCardData":
    from huggingface_hub import ModelCardData

    dataset, encoder = description.inputs.dataset, description.text_encoder
    base = None if encoder is None else _HUB_NAMES.get(encoder.name, encoder.name)
    results = list(_results(description, facts))
    return ModelCardData(
        language=dataset.language,
        license=license_id,
        library_name=LIBRARY,
        tags=["sentiment-analysis", "multimodal", "regression", description.experiment.model.name],
        datasets=None if facts.is_other_data else [dataset.name],
        metrics=list(dict.fromkeys(each.metric_type for each in results)) or None,
        base_model=base if base is not None and _is_hub_name(base) else None,
        model_name=_name(description, facts) if results else None,
        eval_results=results or None,
    )


def _is_hub_name(name: str) -> bool:
    """Return whether a text encoder's name can be one of the hub, not a folder of a machine."""
    return name.count("/") <= 1 and not name.startswith((".", "/", "~"))


def _results(description: ModelDescription, facts: CardFacts) -> "Iterator[EvalResult]":
    """Yield the test metrics of what the folder holds, accuracies and F1 as fractions."""
    from huggingface_hub import EvalResult

    for fact in facts.metrics:
        if fact.exported is not None:
            kind = fact.name.partition("_")[0]
            yield EvalResult(
                task_type=_TASK,
                task_name="Multimodal sentiment analysis",
                dataset_type="other" if facts.is_other_data else description.inputs.dataset.name,
                dataset_name=data_title(description, facts),
                dataset_split="test",
                dataset_revision=facts.fingerprint or None,
                metric_type=_HUB_METRICS.get(kind, "f1" if kind == "f1" else "accuracy"),
                metric_name=fact.title,
                metric_value=round(fact.exported, 4),
            )
