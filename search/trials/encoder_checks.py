"""Whether the text encoders of all trials can serve, before any of their weights are loaded."""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from search.space.texts import TextUse, override, texts_in_use
from sugrm.config.sections.text import TextConfig
from sugrm.errors import EncoderError
from sugrm.modules.encoder_files import MINILM, TINY, is_known_to_serve, local_config
from sugrm.types import Modality

if TYPE_CHECKING:
    from search.space import Space
    from sugrm.modules.encoder_outline import EncoderOutline


def check_encoders(space: "Space", *, reads_text: Callable[[str], bool]) -> None:
    """Check the text encoders of the cells and of everything that the search may suggest.

    Args:
        space: the space.
        reads_text: returns whether an encoder reads the texts of the data of an alignment; it does
            not where they hold text features, or where there are no such data.

    Raises:
        EncoderError: a configuration cannot be loaded or an encoder cannot serve; the message has a
            line for each of them.
    """
    uses = [
        use
        for use in _reading(space)
        if reads_text(use.config.alignment) and not _is_built_in_and_serves(use.config.model.text)
    ]
    if not uses:
        return
    from sugrm.modules.encoder_outline import encoder_outline
    from sugrm.modules.lora import check_peft

    if any(use.config.model.text.lora is not None for use in uses):
        check_peft()
    _refuse(space, uses, outline_of=encoder_outline)


def check_local_encoders(space: "Space") -> None:
    """Check the text encoders whose files this machine has, without a connection.

    Data are not read: encoders of a space whose data hold text features are checked as well, unless
    it says so (``data.text_source``).

    Raises:
        EncoderError: an encoder cannot serve; the message has a line for each of them.
    """
    if space.data.text_source == "features":
        return
    texts = ((use, use.config.model.text) for use in _reading(space))
    uses = [
        use
        for use, text in texts
        if not is_known_to_serve(text) and local_config(text.name) is not None
    ]
    if not uses:
        return
    from sugrm.modules.encoder_outline import encoder_outline

    def outline_of(name: str) -> "EncoderOutline | None":
        with contextlib.suppress(EncoderError):  # the run says what cannot be loaded
            return encoder_outline(name, local=True)
        return None

    _refuse(space, uses, outline_of=outline_of)


def _is_built_in_and_serves(text: TextConfig) -> bool:
    """Return whether an encoder needs no outline, which takes seconds to make."""
    return text.name in (TINY, MINILM) and is_known_to_serve(text)


def _reading(space: "Space") -> Iterator[TextUse]:
    """Yield the uses that read a text encoder, each combination of its options once."""
    seen = set()
    for use in texts_in_use(space):
        key = use.config.model.text, use.config.alignment, use.place
        if Modality.TEXT in use.config.model.streams and key not in seen:
            seen.add(key)
            yield use


def _refuse(
    space: "Space", uses: list[TextUse], *, outline_of: "Callable[[str], EncoderOutline | None]"
) -> None:
    from sugrm.modules.text_checks import fault_of

    lines: dict[str, None] = {}
    for use in uses:
        text = use.config.model.text
        try:
            outline = outline_of(text.name)
        except EncoderError as error:
            lines[str(error)] = None
            continue
        fault = None if outline is None else fault_of(text, outline)
        if fault is not None:
            what = override(space, use, option=fault.option, value=fault.value)
            lines[f"{fault.problem}: {what}"] = None
    if lines:
        raise EncoderError("\n".join(lines))
