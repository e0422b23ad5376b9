r"""Any text as LaTeX in plain ASCII, which prints the same characters.

Special characters become commands that work in the font encodings OT1 and T1. A letter with an
accent and the symbols of this project's tables are set as such; every other character, which
pdflatex could not set without further fonts, is shown by its code point: ``U+4E2D``.
"""

import re
import unicodedata

from reports.content.visible import one_line

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\texttt{\char34}",  # OT1 has no straight quote but in its typewriter font
    "`": r"\textasciigrave{}",
    "[": "{[}",  # after the end of a row it would begin an option
    "]": "{]}",
    "*": "{*}",
}
_SYMBOLS = {
    "\N{EN DASH}": "--{}",
    "\N{EM DASH}": "---{}",
    "\N{LEFT SINGLE QUOTATION MARK}": r"\textquoteleft{}",
    "\N{RIGHT SINGLE QUOTATION MARK}": r"\textquoteright{}",
    "\N{LEFT DOUBLE QUOTATION MARK}": r"\textquotedblleft{}",
    "\N{RIGHT DOUBLE QUOTATION MARK}": r"\textquotedblright{}",
    "…": r"\ldots{}",
    "§": r"\S{}",
    "©": r"\copyright{}",
    "£": r"\pounds{}",
    "†": r"\dag{}",
    "•": r"\textbullet{}",
    "¿": r"\textquestiondown{}",
    "¡": r"\textexclamdown{}",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "\N{LATIN SMALL LETTER DOTLESS I}": r"\i{}",
}
_MATHS = {
    "±": r"\pm",
    "\N{MULTIPLICATION SIGN}": r"\times",
    "÷": r"\div",
    "·": r"\cdot",
    "\N{MINUS SIGN}": "-",
    "≤": r"\leq",
    "≥": r"\geq",
    "≠": r"\neq",
    "≈": r"\approx",
    "∞": r"\infty",
    "√": r"\surd",
    "→": r"\rightarrow",
    "←": r"\leftarrow",
    "↑": r"\uparrow",
    "↓": r"\downarrow",
    "°": r"^\circ",
    "¹": "^1",
    "²": "^2",
    "³": "^3",
    "µ": r"\mu",
    "∆": r"\Delta",
    **{
        letter: "\\" + unicodedata.name(letter).rpartition(" ")[2].lower()
        for letter in "αβγδεζηθικμνξπρστυφχψω"
    },
    **{
        letter: "\\" + unicodedata.name(letter).rpartition(" ")[2].capitalize()
        for letter in "ΓΔΘΞΠΣΥΦΨΩ"
    },
    "λ": r"\lambda",  # its Unicode name lacks the b
    "Λ": r"\Lambda",
}
_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0323": "d",
    "\u0327": "c",
}
_LIGATURE = re.compile(r"(?<=-)(?=-)|(?<=')(?=')|(?<=,)(?=,)|(?<=[?!])(?=`)")
_MINUS = re.compile(r"(?<![0-9A-Za-z])-(?=[0-9])")
_UNBROKEN = re.compile(r"[^\s-]{24,}")
_BREAKABLE = re.compile(r"(?<=[-/=.,_:])(?=[^\s-])")
_STRIDE = 12  # characters between the places at which a long word may break
_BREAK = r"\allowbreak{}"


def escape(text: str) -> str:
    r"""Return ``text`` escaped for LaTeX, on one line; a long word may break.

    >>> print(escape("50 % of {x_1} ± 2"))
    50 \% of \{x\_1\} \ensuremath{\pm} 2
    """
    return _set(one_line(text))


def code(text: str) -> str:
    """Return ``text`` in typewriter letters; it may break after punctuation."""
    pieces = (
        _set(piece, quote=r"\textquotesingle{}") for piece in _BREAKABLE.split(one_line(text))
    )
    return rf"\texttt{{{_BREAK.join(pieces)}}}"


def number(text: str) -> str:
    """Return a number formatted by ``reports.render.cell_text``, with true minus signs."""
    return _MINUS.sub(lambda match: r"\ensuremath{-}", escape(text))


def _set(text: str, quote: str = "'") -> str:
    """Return ``text`` with each character set, and with possible breaks in long words."""
    breaks = {
        place
        for word in _UNBROKEN.finditer(text)
        for place in range(word.start() + _STRIDE, word.end(), _STRIDE)
    }
    apart = {match.start() for match in _LIGATURE.finditer(text)}
    return "".join(
        (_BREAK if place in breaks else "{}" if place in apart else "")
        + (quote if character == "'" else _character(character))
        for place, character in enumerate(text)
    )


def _character(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character.isascii():
        return character
    if character in _SYMBOLS:
        return _SYMBOLS[character]
    if character in _MATHS:
        return rf"\ensuremath{{{_MATHS[character]}}}"
    return _accented(character) or rf"\texttt{{U+{ord(character):04X}}}{_BREAK}"


def _accented(character: str) -> str:
    """Return a letter of the alphabet with one accent; nothing for any other character."""
    letter, *accents = list(unicodedata.normalize("NFD", character))
    if not (letter.isascii() and letter.isalpha() and len(accents) == 1):
        return ""
    accent = accents[0]
    if accent not in _ACCENTS:
        return ""
    dotless = rf"\{letter}" if letter in "ij" and accent not in "\u0323\u0327" else letter
    return rf"\{_ACCENTS[accent]}{{{dotless}}}"
