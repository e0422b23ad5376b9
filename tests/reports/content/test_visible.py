import pytest

from reports.content.visible import one_line, visible, visible_lines

HOSTILE = "a\x1b[31m\u202eb\u200b\x00\ud800"
ESCAPED = r"a\x1b[31m\u202eb\u200b\x00\ud800"


@pytest.mark.parametrize("write", [visible, one_line, visible_lines])
def test_what_cannot_be_seen_is_written_as_its_code(write):
    assert write(HOSTILE) == ESCAPED


@pytest.mark.parametrize("break_", ["\n", "\r\n"])
def test_lines_are_joined_or_kept(break_):
    assert one_line(f"a{break_}b") == "a b"
    assert visible_lines(f"a{break_}b") == "a\nb"


def test_kept_characters_stay_and_others_do_not():
    assert visible("a\tb\n\r", kept="\t") == "a\tb\\n\\r"
