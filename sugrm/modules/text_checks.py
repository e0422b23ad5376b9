"""Whether a text encoder can serve, checked before anything is loaded or trained."""

from collections.abc import Sequence
from dataclasses import dataclass

from sugrm.config.sections.text import LoraConfig, TextConfig
from sugrm.errors import EncoderError
from sugrm.modules.encoder_outline import EncoderOutline, encoder_outline
from sugrm.modules.lora import check_peft, last_parts, names_a_layer, query_and_value_layers


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFault:
    """An option of the text encoder that cannot be used.

    Attributes:
        option: dotted name of the option.
        problem: what was found and what was expected, without the next step.
        value: a value that can be used, as YAML text.
    """

    option: str
    problem: str
    value: str


def check_text(text: TextConfig) -> None:
    """Raise an error unless an encoder can serve with its options; no weights are read.

    Raises:
        EncoderError: its configuration cannot be loaded, its architecture gives no hidden state
            for each token, it has fewer positions than ``max_tokens``, or it has no such layers
            for LoRA, or peft is missing.
    """
    if text.lora is not None:
        check_peft()
    fault = fault_of(text, encoder_outline(text.name))
    if fault is not None:
        raise EncoderError(f"{fault.problem}; set {fault.option} to {fault.value}")


def fault_of(text: TextConfig, outline: EncoderOutline) -> TextFault | None:
    """Return the first option that does not fit the outline of the encoder; None without one."""
    if outline.refusal:
        return TextFault(
            option="model.text.name",
            problem=f"text encoder {text.name!r} {outline.refusal}; expected an encoder such as "
            "BERT, RoBERTa, DeBERTa, MPNet or ModernBERT, or XLM-RoBERTa for other languages than "
            "English",
            value="bert-base-uncased",
        )
    limit = outline.positions
    if limit is not None and text.max_tokens > limit:
        return TextFault(
            option="model.text.max_tokens",
            problem=f"model.text.max_tokens is {text.max_tokens}, but text encoder {text.name!r} "
            f"has positions for {limit} tokens; expected at most {limit}",
            value=str(limit),
        )
    return None if text.lora is None else _lora_fault(text.name, text.lora, outline=outline)


def _lora_fault(name: str, lora: LoraConfig, *, outline: EncoderOutline) -> TextFault | None:
    layers, usual = outline.linear_layers, query_and_value_layers(outline.linear_layers)
    if not layers:
        return TextFault(
            option="model.text.lora",
            problem=f"text encoder {name!r} ({outline.kind}) has no linear layers for "
            "model.text.lora",
            value="null",
        )
    unknown = [each for each in lora.targets or () if not names_a_layer(each, layers)]
    if not unknown and (lora.targets or usual):
        return None
    given = (
        f"names {', '.join(unknown)}, which text encoder {name!r} does not have"
        if unknown
        else f"is left out, and which layers of text encoder {name!r} ({outline.kind}) make "
        "queries and values is not known"
    )
    return TextFault(
        option="model.text.lora.targets",
        problem=f"model.text.lora.targets {given}; expected linear layers: "
        f"{', '.join(last_parts(layers))}",
        value=_list(usual or last_parts(layers)[:1]),
    )


def _list(names: Sequence[str]) -> str:
    return f"[{','.join(names)}]"
