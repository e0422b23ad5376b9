"""Options of the trained model whose weights training starts from."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from pydantic import Field, model_validator

from sugrm.config.sections.section import Section

Part = Literal["text", "audio", "vision", "encoder", "others"]
"""A group of weights, by the name that ``training.learning_rate`` gives it."""
TEXT: Part = "text"
_PARTS: tuple[Part, ...] = get_args(Part)


class StartFrom(Section):
    """The trained model whose weights training starts from, instead of from initial ones.

    ``model`` is the name of a run beside this one (the configuration that validation chose),
    ``RUN/KEY`` for one of its trials, or a folder that ``sugrm-search export`` wrote. A name in
    place of the section is short for ``model``. A trial starts from the model of its own seed where
    there is one, else from that of the lowest seed. Weights of the same name and shape are taken
    over: of the same system all of them, of another system those of the text encoder. ``parts``
    names the groups of weights to take over instead: ``text``, ``audio``, ``vision``, ``encoder``
    and ``others``, as in ``training.learning_rate``. Both models must have the same text encoder;
    its adapters (LoRA) are merged into it before.
    """

    model: str = Field(min_length=1)
    parts: tuple[Part, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _takes_a_name(cls, given: Any) -> Any:  # noqa: ANN401 - checked by the fields
        if isinstance(given, str):
            return {"model": given}
        if isinstance(given, Mapping) and isinstance(given.get("parts"), list | tuple):
            return {**given, "parts": _in_order(given["parts"])}
        return given

    @model_validator(mode="after")
    def _names_a_part_once(self) -> "StartFrom":
        parts = self.parts
        if parts is None:
            return self
        if not parts:
            raise ValueError(
                f"parts names none; expected at least one of {', '.join(_PARTS)}, or no parts"
            )
        if len(set(parts)) != len(parts):
            raise ValueError(f"parts names one twice; got {', '.join(parts)}; expected each once")
        return self


def _in_order(parts: Sequence[Any]) -> tuple[Any, ...]:
    """Return parts in one order, so that the same parts are the same experiment.

    Unknown ones keep their places, which the message about them names.
    """
    if all(part in _PARTS for part in parts):
        return tuple(sorted(parts, key=_PARTS.index))
    return tuple(parts)
