"""The mini space without text, for tests in which it does not matter what a trial trains.

A worker imports transformers to read text, which takes most of the time of a small trial.
"""

import pytest

from tests.search.conftest import MINI

NO_TEXT = "experiment.model.modalities=[audio, vision]"


@pytest.fixture
def mini_file(mini_file):
    text = MINI.replace("    width: 4\n", "    width: 4\n    modalities: [audio, vision]\n")
    mini_file.write_text(text, encoding="utf-8")
    return mini_file


@pytest.fixture(scope="session")
def mini_spaces(mini_spaces):
    return lambda *overrides: mini_spaces(NO_TEXT, *overrides)
