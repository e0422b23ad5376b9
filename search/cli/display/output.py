r"""The streams that everything a command prints goes through.

Printed text may hold names and messages from files, ledgers and the command line. Characters in
it that control a terminal, reorder a line or are invisible are printed as their escape,
``\x1b``, as in the report (``reports.content.visible``). The streams also handle a closed
output and a full disk.
"""

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any, TextIO, cast

CLOSED = 141
"""Exit code where the reader of standard output has closed it: that of SIGPIPE in a shell."""


class OutputLostError(Exception):
    """Standard output takes no more text: its reader has closed it, or its disk is full."""


def one_line(text: str) -> str:
    """Return ``text`` on one line, with every invisible character as its escape."""
    from reports.content import visible  # only commands that print load it

    return visible.one_line(text)


def say(line: str, *, to_errors: bool = False) -> None:
    """Print one line."""
    say_text(one_line(line), to_errors=to_errors)


def say_text(text: str, *, to_errors: bool = False) -> None:
    """Print text of several lines; its line breaks are kept."""
    stream = sys.stderr if to_errors else sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


class Guard:
    """A stream that escapes invisible characters and drops what cannot be written.

    Args:
        stream: the stream to write to; None, where it was closed from the start, drops all text.
        raises: whether the first text that is lost raises ``OutputLostError``.
        escapes: whether invisible characters are escaped; False for a view that draws with
            control characters.
        origin: another guard of the same stream, which is told when text is lost.
    """

    def __init__(
        self,
        stream: TextIO | None,
        *,
        raises: bool,
        escapes: bool = True,
        origin: "Guard | None" = None,
    ) -> None:
        from reports.content.visible import visible  # only commands that print load it

        self._visible = visible
        self._stream, self._raises, self._escapes = stream, raises, escapes
        self._origin = origin
        self.lost: OSError | None = None
        self.encoding = getattr(stream, "encoding", None) or "utf-8"
        self.errors = getattr(stream, "errors", None) or "strict"

    def write(self, text: str) -> int:
        """Write ``text``; characters that the encoding lacks are escaped too."""
        shown = self._visible(text.replace("\r\n", "\n"), "\n\t") if self._escapes else text
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
        """Flush the stream."""
        if self._stream is not None and self.lost is None:
            with self._losing():
                self._stream.flush()

    def isatty(self) -> bool:
        """Return whether the stream is a terminal."""
        return self._stream is not None and self._stream.isatty()

    def fileno(self) -> int:
        """Return the stream's descriptor, 2 (standard error) where it has none."""
        return 2 if self._stream is None else self._stream.fileno()

    def writelines(self, lines: Iterable[str]) -> None:
        """Write lines as ``write`` does."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a library asks a stream for
        """Return another attribute of the stream, unless it would bypass ``write``."""
        if name in ("_stream", "buffer", "detach"):
            raise AttributeError(name)
        return getattr(self._stream, name)

    def for_drawing(self) -> "Guard":
        """Return the same stream for a view that draws with control characters."""
        return Guard(self._stream, raises=self._raises, escapes=False)

    def for_data(self) -> "Guard":
        """Return the same stream for data that a program reads: nothing is escaped."""
        return Guard(self._stream, raises=self._raises, escapes=False, origin=self)

    @contextlib.contextmanager
    def _losing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.lost = error
            if self._origin is not None:
                self._origin.lost = error
            if self._raises:
                raise OutputLostError from error


def install_guards() -> Guard:
    """Put a guard on standard output and on standard error; return that of standard output."""
    if not isinstance(sys.stderr, Guard):
        sys.stderr = cast("TextIO", Guard(sys.stderr, raises=False))
    if not isinstance(sys.stdout, Guard):
        sys.stdout = cast("TextIO", Guard(sys.stdout, raises=True))
    return cast("Guard", sys.stdout)


def is_output_lost() -> bool:
    """Return whether text for standard output has been lost."""
    return isinstance(sys.stdout, Guard) and sys.stdout.lost is not None


def drawing_stream() -> TextIO:
    """Return standard output for a view that draws with control characters."""
    return cast("TextIO", install_guards().for_drawing())


def data_stream() -> TextIO:
    """Return standard output for data: as they are, or escaped where a terminal shows them."""
    guard = install_guards()
    return cast("TextIO", guard if guard.isatty() else guard.for_data())


@contextlib.contextmanager
def guarded_streams() -> Iterator[Guard]:
    """Put guards on the streams until the context is left."""
    before = sys.stdout, sys.stderr
    try:
        yield install_guards()
    finally:
        sys.stdout, sys.stderr = before


def report_lost_output(output: Guard, code: int) -> int:
    """Print why output was lost, if it was; return the exit code of a command.

    Args:
        output: the guard of standard output.
        code: exit code of the command where no output is lost.
    """
    with contextlib.suppress(OutputLostError):
        output.flush()
    if output.lost is None or code == 2:
        return code
    if isinstance(output.lost, BrokenPipeError):
        return CLOSED
    why = output.lost.strerror
    say(
        f"error: standard output cannot be written ({why}); the output is incomplete: free "
        "space there, or name another file",
        to_errors=True,
    )
    return 2


def open_missing_descriptors() -> None:
    """Open descriptors 0, 1 and 2 where they are closed: a data file would get that number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def discard_lost_output(output: Guard) -> None:
    """Redirect a lost output to the null device: Python flushes it once more when it ends."""
    if output.lost is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, output.fileno())
