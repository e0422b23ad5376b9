"""The recorded command of a run is read without the command line that typed it."""

import typer

from reports.ledger.reading.run_command import run_words
from search.cli.main import app


def test_every_option_of_run_is_known_to_the_reader_of_recorded_commands():
    """Else a run whose command has that option offers no command that repeats a row."""
    run = typer.main.get_command(app).commands["run"]
    for option in run.params:
        for name in option.opts:
            if name.startswith("--") and name != "--help":
                flag = getattr(option, "is_flag", False)
                places, _ = run_words(f"sugrm-search run a.yaml {name}{'' if flag else ' value'}")
                assert places == ["a.yaml"], name
