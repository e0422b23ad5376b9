"""The plug-ins of a trial on the node of its worker.

An installed package with the same source is imported from where it is installed, because it may
need more than its Python files. Otherwise the worker imports the driver's copy: the folder itself
where this node sees it, else the files, which it receives into its own cache.
"""

from pathlib import Path

from search.trials.plugin_copies import PluginCopy, copies_folder
from search.trials.protocol import TrialTask
from search.worker.home import Home
from search.worker.node_files import folder_here
from sugrm.config.registry import load_plugin
from sugrm.config.registry.sources import installed_source
from sugrm.errors import PluginError

_IN_USE: dict[str, str] = {}
"""Module -> hash of the source that this process imported last."""


def load_task_plugins(task: TrialTask, *, home: Home | None = None) -> None:
    """Import the plug-ins that a task uses, unless their sources are those in use already.

    Args:
        task: the task.
        home: the driver's node, None without a way there.

    Raises:
        PluginError: one cannot be imported on this node.
        DataError: one cannot be received.
    """
    for values in task.plugins:
        copy = PluginCopy.from_task(values)
        if _IN_USE.get(copy.module) != copy.digest:
            _load(copy, home=home)
            _IN_USE[copy.module] = copy.digest


def forget_plugins() -> None:
    """Let the next task load its plug-ins: this process may have loaded others since the last."""
    _IN_USE.clear()


def _load(copy: PluginCopy, *, home: Home | None) -> None:
    if _is_installed(copy):
        load_plugin(installed_source(copy.module))
    else:
        folder = folder_here(
            Path(copy.folder),
            copy=copies_folder() / copy.digest,
            home=home,
            content=f"the plug-in {copy.module}",
        )
        load_plugin(copy.source(folder))


def _is_installed(copy: PluginCopy) -> bool:
    try:
        return installed_source(copy.module).digest == copy.digest
    except PluginError:
        return False
