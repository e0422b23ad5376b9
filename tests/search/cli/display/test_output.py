import ast
import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reports.content.visible import one_line
from search.cli.display.output import (
    CLOSED,
    Guard,
    OutputLostError,
    guarded_streams,
    report_lost_output,
    say,
)
from search.cli.main import execute

ROOT = Path(__file__).parents[4]
HOSTILE = "\x1b]0;x\x07\x1b[31mred\x7f\x9b\r\u202e\u200f\u061c\u200b\ufeff\u2028\udcff"
ESCAPED = r"\x1b]0;x\x07\x1b[31mred\x7f\x9b\r\u202e\u200f\u061c\u200b\ufeff\u2028\udcff"


class Failing(io.StringIO):
    """A stream on which every write ends in an error of the system."""

    def __init__(self, number):
        super().__init__()
        self.number = number

    def write(self, text):
        raise OSError(self.number, os.strerror(self.number))


def guard(**options):
    stream = io.StringIO()
    return stream, Guard(stream, raises=True, **options)


def test_a_stream_escapes_what_cannot_be_seen_and_keeps_line_breaks_and_tabs():
    stream, out = guard()
    out.write(f"a\tb\n{HOSTILE}\r\n± 中文 é\n")
    assert stream.getvalue() == f"a\tb\n{ESCAPED}\n± 中文 é\n"


@pytest.mark.slow
def test_every_character_is_shown_as_the_report_shows_it():
    text = "".join(chr(code) for code in range(sys.maxunicode + 1) if chr(code) not in "\n\t")
    stream, out = guard()
    out.write(text)
    assert stream.getvalue() == one_line(text)


def test_a_line_stays_one_line_whatever_it_holds(capsys):
    with guarded_streams():
        say("one\ntwo\r\nthree\rfour")
    assert capsys.readouterr().out == "one two three\\rfour\n"


def test_there_is_no_way_around_the_guard():
    bytes_ = io.BytesIO()
    out = Guard(io.TextIOWrapper(bytes_, "utf-8", write_through=True), raises=True)
    out.writelines(["\x1b[31m\n"])
    assert bytes_.getvalue() == b"\\x1b[31m\n"
    assert not out.closed
    assert not hasattr(out, "buffer")
    assert not hasattr(out, "detach")


def test_a_stream_for_drawing_lets_control_characters_through():
    stream, out = guard()
    out.for_drawing().write("\x1b[2K")
    assert stream.getvalue() == "\x1b[2K"


def test_what_the_encoding_lacks_is_escaped():
    bytes_ = io.BytesIO()
    out = Guard(io.TextIOWrapper(bytes_, "latin-1", write_through=True), raises=True)
    out.write("± 中\n")
    assert bytes_.getvalue() == b"\xb1 \\u4e2d\n"


@pytest.mark.parametrize(("number", "code"), [(errno.EPIPE, CLOSED), (errno.ENOSPC, 2)])
def test_a_lost_output_ends_a_command_with_its_code(monkeypatch, capsys, number, code):
    monkeypatch.setattr(sys, "stdout", Failing(number))
    assert execute(["--help"]) == code
    shown = capsys.readouterr().err
    assert shown == "" if code == CLOSED else "No space left on device" in shown
    assert shown.count("\n") == (0 if code == CLOSED else 1)


def test_only_the_first_text_that_is_lost_raises():
    out = Guard(Failing(errno.EPIPE), raises=True)
    with pytest.raises(OutputLostError):
        out.write("one")
    assert out.write("two") == 3


def test_standard_error_that_cannot_be_written_changes_nothing(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Failing(errno.ENOSPC))
    assert execute(["plan", "no/such.yaml"]) == 2


def test_an_error_of_input_stays_the_reason_when_the_output_is_lost_too():
    out = Guard(Failing(errno.ENOSPC), raises=False)
    out.write("x")
    assert report_lost_output(out, 2) == 2
    assert report_lost_output(out, 0) == 2


def test_streams_closed_from_the_start_take_all(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert execute(["--help"]) == 0
    assert execute(["rnu"]) == 2


COMMAND = f"{sys.executable} -c 'from search.cli.main import main; main()'"


def in_shell(line):
    """Return how a line of bash ended, ``CMD`` standing for the command; both ends of a pipe."""
    script = f"set -o pipefail; {line.replace('CMD', COMMAND)}"
    return subprocess.run(
        ["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "arguments", ["--help", "plan spaces/demo.yaml", "status", "data synthesize"]
)
def test_a_full_output_is_one_message_and_exit_code_2(arguments, tmp_path):
    if arguments.startswith("data"):
        arguments += f" {tmp_path}/a.pkl --train 8 --valid 4 --test 4"
    if arguments == "status":
        arguments += f" --runs {tmp_path}"
    done = in_shell(f"CMD {arguments} > /dev/full")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: standard output cannot be written (No space left")


@pytest.mark.slow
def test_a_reader_that_goes_away_ends_a_command_quietly():
    done = in_shell("CMD plan spaces/demo.yaml | true")
    assert (done.returncode, done.stderr) == (CLOSED, "")


@pytest.mark.slow
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "2>/dev/full"])
def test_closed_streams_are_no_error_of_a_command(closed):
    done = in_shell(f"CMD plan spaces/demo.yaml {closed}")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_the_traceback_of_a_defect_is_escaped_too():
    code = (
        "import sys\nfrom search.cli import main\n"
        "sys.argv = ['x', '--debug', 'plan', 'no\\x1b[31m.yaml']\nmain.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "Traceback" in done.stderr
    assert r"no\x1b[31m.yaml" in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.slow
def test_no_module_prints_past_the_output():
    """``print`` and ``typer.echo`` appear nowhere, so that each line goes through ``say``."""
    past = ("print", "typer.echo", "typer.secho", "sys.stdout.write", "sys.stderr.write")
    found = []
    for package in ("search", "sugrm", "reports"):
        for path in (ROOT / package).rglob("*.py"):
            calls = (
                node
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Call) and ast.unparse(node.func) in past
            )
            found += [f"{path.relative_to(ROOT)}:{call.lineno}" for call in calls]
    assert found == []
