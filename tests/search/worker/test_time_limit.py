import importlib
import subprocess
import sys
import time

import pytest

from search.worker.time_limit import TimeLimitError, time_limit


def test_work_beyond_the_limit_is_broken_off():
    with pytest.raises(TimeLimitError, match="too long"), time_limit(0.05, "too long"):
        time.sleep(60)


@pytest.mark.slow
def test_the_limit_waits_for_the_end_of_an_import(tmp_path, monkeypatch):
    """Half a module would stay behind for the later trials of a worker."""
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(0.2)\nwhole = True\n")
    monkeypatch.syspath_prepend(tmp_path)

    def import_and_wait():
        importlib.import_module("slow_to_import")
        time.sleep(60)

    with pytest.raises(TimeLimitError), time_limit(0.05, "too long"):
        import_and_wait()
    assert sys.modules.pop("slow_to_import").whole


@pytest.mark.parametrize("seconds", [None, 60.0])
def test_work_within_the_limit_is_left_alone(seconds):
    with time_limit(seconds, "too long"):
        pass
    time.sleep(0.01)


def test_a_limit_that_has_passed_already_breaks_off_at_once():
    with pytest.raises(TimeLimitError), time_limit(-1.0, "too long"):
        time.sleep(5)


@pytest.mark.slow
def test_a_process_that_never_comes_back_to_the_interpreter_is_ended():
    """An endless sum in C handles no alarm and holds the interpreter's lock."""
    code = (
        "import itertools, search.worker.time_limit as module\n"
        "module.GRACE_SECONDS = 0.2\n"
        "with module.time_limit(0.1, 'too long'):\n"
        "    sum(itertools.repeat(1))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], timeout=60, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Timeout" in done.stderr
