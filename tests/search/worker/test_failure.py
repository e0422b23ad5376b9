import errno
import importlib.util
import sys
import traceback

import pytest
import torch

from reports.ledger.places.storage import StorageError
from search.errors import SearchError
from search.worker.failure import failure_of
from search.worker.time_limit import TimeLimitError
from sugrm.config.registry.sources import MARK
from sugrm.errors import NonFiniteLossError, PluginError


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
    [
        (ValueError("a fault\nin two lines"), "ValueError: a fault"),
        (ValueError(), "ValueError"),
        (ValueError("\n  a fault"), "ValueError: a fault"),
        (ValueError("ValueError: a fault"), "ValueError: a fault"),
        (KeyError("txt"), "KeyError: 'txt'"),
        (NonFiniteLossError("the loss is nan"), "the loss is nan"),
        (PluginError("returned no prediction"), "returned no prediction"),
        (SearchError("no such node"), "no such node"),
        (StorageError("the store does not answer"), "the store does not answer"),
        (TimeLimitError("too long"), "too long"),
        (SearchError(), "SearchError"),
    ],
)
def test_the_message_is_the_first_line_after_the_type_of_an_error_that_is_not_the_projects(
    error, message
):
    failure = failure_of(error)
    assert failure.message == message
    assert failure.traceback == "".join(traceback.format_exception_only(error))


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
    assert failure_of(caught.value).message == (
        "ZeroDivisionError: division by zero (own_failing.py, line 2)"
    )
