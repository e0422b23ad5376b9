"""What a plug-in declares: a system or a loss, each as options and a function that builds it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from sugrm.config.models.model_section import ModelSection
from sugrm.config.sections.objective import LossSection
from sugrm.config.sections.section import Section
from sugrm.errors import PluginError

_NAME = 'a field name: Literal["..."] = "...", with one text for both'


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A system that a plug-in adds.

    Attributes:
        options: its options, a subclass of ``ModelSection``; the field ``name`` is the name of the
            system.
        build: (options, ``ModelInputs``) -> the model, an ``nn.Module`` that turns a ``Batch`` into
            a ``ModelOutput``; the class itself where its ``__init__`` takes the two.

    Raises:
        PluginError: the options are no such class, or ``build`` is no function.
    """

    options: type[ModelSection]
    build: Callable[[Any, Any], Any]

    def __post_init__(self) -> None:
        """Refuse what cannot be a system."""
        _check(self.options, ModelSection, build=self.build)

    @property
    def name(self) -> str:
        """Return the name of the system."""
        return str(self.options.model_fields["name"].default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A loss that a plug-in adds.

    Attributes:
        options: its options, a subclass of ``LossSection``; the field ``name`` is the name of the
            loss.
        build: options -> the loss, a function of predictions [B] and targets [B] that returns the
            losses [B].

    Raises:
        PluginError: the options are no such class, or ``build`` is no function.
    """

    options: type[LossSection]
    build: Callable[[Any], Callable[[Any, Any], Any]]

    def __post_init__(self) -> None:
        """Refuse what cannot be a loss."""
        _check(self.options, LossSection, build=self.build)

    @property
    def name(self) -> str:
        """Return the name of the loss."""
        return str(self.options.model_fields["name"].default)


def _check(options: object, base: type[Section], *, build: object) -> None:
    if not (isinstance(options, type) and issubclass(options, base) and options is not base):
        got = options.__name__ if isinstance(options, type) else type(options).__name__
        raise PluginError(f"options is {got}; expected a subclass of {base.__name__}")
    field = options.model_fields.get("name")
    names = (
        ()
        if field is None or get_origin(field.annotation) is not Literal
        else get_args(field.annotation)
    )
    if field is None or len(names) != 1 or field.default != names[0]:
        raise PluginError(f"{options.__name__} has no fixed name; expected {_NAME}")
    if required := [key for key, each in options.model_fields.items() if each.is_required()]:
        raise PluginError(
            f"{', '.join(required)} of {names[0]} has no default; expected one for every option"
        )
    if not callable(build):
        raise PluginError(
            f"build of {names[0]} is of type {type(build).__name__}; expected a function or a class"
        )
