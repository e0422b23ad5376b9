r"""Text with every invisible character as its escape, ``\x1b``.

Control characters and invisible ones could control a terminal or reorder the text around them.
Reports and the command line both print text that the code did not write: names and messages from
files, from ledgers and from the command line.
"""

_UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"  # letters and marks without a shape


def visible(text: str, kept: str = "") -> str:
    r"""Return ``text`` with every invisible character as its escape.

    Args:
        text: any text.
        kept: control characters that are not escaped.

    >>> print(visible("red \x1b[31m"))
    red \x1b[31m
    """
    if _is_visible(text):
        return text
    return "".join(c if c in kept or _is_visible(c) else _escape(c) for c in text)


def one_line(text: str) -> str:
    r"""Return ``text`` as ``visible`` does, with its line breaks as spaces.

    >>> one_line("one\r\ntwo")
    'one two'
    """
    return visible(_with_plain_breaks(text).replace("\n", " "))


def visible_lines(text: str) -> str:
    r"""Return ``text`` as ``visible`` does, with its line breaks kept as ``\n``."""
    return visible(_with_plain_breaks(text), "\n")


def _with_plain_breaks(text: str) -> str:
    return text.replace("\r\n", "\n")


def _is_visible(text: str) -> bool:
    return text.isprintable() and not any(unseen in text for unseen in _UNSEEN)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()
