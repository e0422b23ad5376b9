import errno
import importlib.util
import sys

import pytest
import torch

from reports.ledger.places.storage import StorageError
from search.worker.failure import failure_of
from search.worker.time_limit import TimeLimitError
from sugrm.config.registry.sources import MARK
from sugrm.errors import NonFiniteLossError


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError("a fault"), "crash"),
        (NonFiniteLossError("the loss is nan"), "nan"),
        (TimeLimitError("too long"), "timeout"),
        (MemoryError("out of memory"), "oom"),
        (torch.OutOfMemoryError("out of memory"), "oom"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk"),
        (StorageError("the store does not answer"), "disk"),
    ],
)
def test_the_kind_of_a_failure_follows_from_its_error(error, kind):
    assert failure_of(error).kind == kind


@pytest.mark.parametrize(
    ("error", "message"),
    [(ValueError("a fault\nin two lines"), "a fault"), (ValueError(), "ValueError")],
)
def test_the_message_is_the_first_line_or_the_name_of_the_error(error, message):
    failure = failure_of(error)
    assert failure.message == message
    assert failure.traceback.startswith("ValueError")


@pytest.mark.slow
@pytest.mark.parametrize("is_installed", [False, True])
def test_an_error_in_a_plug_in_names_its_line(tmp_path, monkeypatch, is_installed):
    """A module on the path of the worker is imported as an installed one, without a mark."""
    (tmp_path / "own_failing.py").write_text("def fail():\n    return 1 / 0\n")
    spec = importlib.util.spec_from_file_location("own_failing", tmp_path / "own_failing.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if is_installed:
        packages = frozenset(["own_failing"])
        monkeypatch.setattr("search.worker.failure.plugin_packages", lambda: packages)
    else:
        setattr(module, MARK, "12ab")
    monkeypatch.setitem(sys.modules, "own_failing", module)
    with pytest.raises(ZeroDivisionError) as caught:
        module.fail()
    assert failure_of(caught.value).message == "division by zero (own_failing.py, line 2)"
