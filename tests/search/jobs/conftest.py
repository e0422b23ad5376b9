import pytest

from search.jobs.mailbox import Mailbox
from tests.search.without_text import mini_file, mini_spaces

__all__ = ["mini_file", "mini_spaces"]


@pytest.fixture
def mailbox(tmp_path):
    """Return the open mailbox of a job."""
    made = Mailbox(tmp_path / "command" / "1")
    made.folder.parent.mkdir()
    made.open()
    return made
