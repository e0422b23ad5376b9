r"""The one way out: everything that a command prints passes the streams of this module.

What a command prints holds text that the code did not write: names and messages from files, from
ledgers and from the command line. Characters in it that drive a terminal, reorder a line or
cannot be seen are printed as their escape, ``\x1b``, as the report does
(``reports.render.cell_text.visible``). The streams also take a closed or full output.
"""

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any, TextIO, cast

CLOSED = 141
"""Exit code where the reader of standard output has gone: that of SIGPIPE in a shell."""

_UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"  # letters and marks without a shape


class OutputLostError(Exception):
    """Standard output takes no more text: its reader has gone, or its disk is full."""


def visible(text: str, kept: str = "") -> str:
    r"""Return ``text`` with every character that cannot be seen as its escape.

    Args:
        text: anything.
        kept: control characters that stay as they are.

    >>> print(visible("red \x1b[31m"))
    red \x1b[31m
    """
    if text.isprintable() and not any(unseen in text for unseen in _UNSEEN):
        return text
    return "".join(
        c if c in kept or (c.isprintable() and c not in _UNSEEN) else _escape(c) for c in text
    )


def one_line(text: str) -> str:
    """Return ``text`` as ``visible`` does, its line breaks as spaces."""
    return visible(text.replace("\r\n", "\n").replace("\n", " "))


def say(line: str, *, to_errors: bool = False) -> None:
    """Print one line."""
    say_text(one_line(line), to_errors=to_errors)


def say_text(text: str, *, to_errors: bool = False) -> None:
    """Print text of several lines, whose line breaks the code has set."""
    stream = sys.stderr if to_errors else sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


class Guard:
    """A stream that lets no unseen character through and drops what cannot be written.

    Args:
        stream: what is written to; None, a stream that was closed from the start, takes all.
        raises: whether the first text that is lost raises ``OutputLostError``.
        escapes: whether unseen characters are escaped; not for a view that draws by them.
    """

    def __init__(self, stream: TextIO | None, *, raises: bool, escapes: bool = True) -> None:
        self._stream, self._raises, self._escapes = stream, raises, escapes
        self.lost: OSError | None = None
        self.encoding = getattr(stream, "encoding", None) or "utf-8"
        self.errors = getattr(stream, "errors", None) or "strict"

    def write(self, text: str) -> int:
        """Write ``text``; what the encoding lacks is escaped too."""
        shown = visible(text.replace("\r\n", "\n"), "\n\t") if self._escapes else text
        if self._stream is None or self.lost is not None:
            return len(text)
        with self._losing():
            try:
                self._stream.write(shown)
            except UnicodeEncodeError:
                known = shown.encode(self.encoding, "backslashreplace")
                self._stream.write(known.decode(self.encoding))
        return len(text)

    def flush(self) -> None:
        """Hand over what is held back."""
        if self._stream is not None and self.lost is None:
            with self._losing():
                self._stream.flush()

    def isatty(self) -> bool:
        """Return whether a person may be reading."""
        return self._stream is not None and self._stream.isatty()

    def fileno(self) -> int:
        """Return the stream's descriptor, 2 (standard error) where it has none."""
        return 2 if self._stream is None else self._stream.fileno()

    def writelines(self, lines: Iterable[str]) -> None:
        """Write lines as ``write`` does."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a library asks a stream for
        """Return what else the stream has, but no way around ``write``."""
        if name in ("_stream", "buffer", "detach"):
            raise AttributeError(name)
        return getattr(self._stream, name)

    def for_drawing(self) -> "Guard":
        """Return the same stream for a view that draws by control characters."""
        return Guard(self._stream, raises=self._raises, escapes=False)

    @contextlib.contextmanager
    def _losing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.lost = error
            if self._raises:
                raise OutputLostError from error


def guard() -> Guard:
    """Let standard output and standard error pass a guard; return that of standard output."""
    if not isinstance(sys.stderr, Guard):
        sys.stderr = cast("TextIO", Guard(sys.stderr, raises=False))
    if not isinstance(sys.stdout, Guard):
        sys.stdout = cast("TextIO", Guard(sys.stdout, raises=True))
    return cast("Guard", sys.stdout)


def is_lost() -> bool:
    """Return whether standard output has been found to take no more text."""
    return isinstance(sys.stdout, Guard) and sys.stdout.lost is not None


def drawing() -> TextIO:
    """Return standard output for a view that draws by control characters, as no text may."""
    return cast("TextIO", guard().for_drawing())


@contextlib.contextmanager
def guarded() -> Iterator[Guard]:
    """Guard the streams as ``guard`` does, until the context is left."""
    before = sys.stdout, sys.stderr
    try:
        yield guard()
    finally:
        sys.stdout, sys.stderr = before


def ending(output: Guard, code: int) -> int:
    """Return the exit code of a command that ends with ``code``, and say what was lost."""
    with contextlib.suppress(OutputLostError):
        output.flush()
    if output.lost is None or code == 2:
        return code
    if isinstance(output.lost, BrokenPipeError):
        return CLOSED
    why = output.lost.strerror
    say(
        f"error: standard output cannot be written ({why}); the output is not whole: make room "
        "there, or name another file",
        to_errors=True,
    )
    return 2


def hold_descriptors() -> None:
    """Open what was closed from the start of 0, 1 and 2: a data file would get the number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def release_lost(output: Guard) -> None:
    """Let what a lost output still holds go nowhere: Python writes it once more when it ends."""
    if output.lost is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, output.fileno())


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()
