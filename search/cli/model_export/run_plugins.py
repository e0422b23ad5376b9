"""The plug-ins of a run, loaded before its models are read."""

import re
from collections.abc import Sequence
from pathlib import Path

from reports.ledger.reading.recorded_experiment import Version
from reports.ledger.reading.results import Results
from search.errors import SearchError
from search.trials.plugin_copies import PluginCopy, copies_folder
from sugrm.config.registry import PluginSource, load_plugin, load_plugins
from sugrm.config.registry.sources import installed_source
from sugrm.errors import PluginError

_DIGEST = re.compile(r"[0-9a-f]+")


def load_run_plugins(results: Results, names: Sequence[str]) -> None:
    """Import the plug-ins that a run used.

    Without ``names`` these are the installed packages with the recorded source, and the copies that
    this machine made when the run started. No source that comes with the folder of a run is
    executed.

    Args:
        results: the run.
        names: files or modules that the user names instead.

    Raises:
        SearchError: this machine has no copy of a plug-in.
        PluginError: a plug-in cannot be imported.
    """
    missing = load_available_plugins(results.experiment.newest, names)
    if missing:
        raise missing_plugin(results, missing[0])


def load_available_plugins(version: Version, names: Sequence[str]) -> list[str]:
    """Import the plug-ins of a version of a space, as ``load_run_plugins`` does.

    Returns:
        The modules of which this machine has no copy. A trial may do without: a description of a
        dataset is recorded as a whole.
    """
    if names:
        load_plugins(names)
        return []
    missing = []
    for module, plugin in version.plugins.items():
        digest = str(plugin.get("digest"))
        found = _installed(module, digest) or _copy(module, digest, others=list(version.plugins))
        if found is None:
            missing.append(module)
        else:
            load_plugin(found)
    return missing


def missing_plugin(results: Results, module: str) -> SearchError:
    """Return the error of a plug-in of which this machine has no copy."""
    return SearchError(
        f"the run {results.experiment.name} used the plug-in {module}, and this machine has no "
        f"copy of it; name its file: --plugin {module}.py (its source is recorded in "
        f"{results.folder / 'experiment.json'})"
    )


def _installed(module: str, digest: str) -> PluginSource | None:
    try:
        found = installed_source(module)
    except PluginError:
        return None
    return found if found.digest == digest else None


def _copy(module: str, digest: str, *, others: Sequence[str]) -> PluginSource | None:
    if not (_DIGEST.fullmatch(digest) and _is_module(module)):
        return None  # a path would lead out of the folder of copies
    folder = copies_folder() / digest
    if not folder.is_dir():
        return None
    needs = tuple(
        each for each in others if each != module and _is_module(each) and _holds(folder, each)
    )
    copy = PluginCopy(module=module, digest=digest, folder=str(folder), needs=needs)
    return copy.source(folder)


def _is_module(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def _holds(folder: Path, module: str) -> bool:
    package = folder / module.partition(".")[0]
    return package.is_dir() or package.with_suffix(".py").is_file()
