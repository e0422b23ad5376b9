"""The source of the plug-ins of a model, written beside it for its reader."""

from collections.abc import Iterator
from pathlib import Path

from sugrm.config.registry import PluginSource, plugin_digests, sources_of, write_source
from sugrm.errors import ModelFolderError
from sugrm.prediction.description import PLUGIN_FOLDER, PluginFiles
from sugrm.training.checkpoints.trained import Trained


def write_plugins(folder: Path, trained: Trained) -> tuple[PluginFiles, ...]:
    """Write the source of the plug-ins that a model uses into ``plugins/``.

    The copy is for people to read; it is imported only where a user names it.

    Args:
        folder: the folder of the model.
        trained: the model.

    Returns:
        An entry for each, those that others import first; none for a system of the package.

    Raises:
        ModelFolderError: the model was trained with another version of a plug-in.
    """
    _check_same(trained)
    found: dict[str, PluginSource] = {}
    for source in sources_of(trained.config):
        found |= {each.module: each for each in _with_needs(source)}
        write_source(source, folder / PLUGIN_FOLDER)
    return tuple(
        PluginFiles(module=each.module, digest=each.digest, file=_file(each))
        for each in found.values()
    )


def _check_same(trained: Trained) -> None:
    present = plugin_digests(trained.config)
    for module, digest in trained.plugins.items():
        if present.get(module) != digest:
            raise ModelFolderError(
                f"the model was trained with another version of the plug-in {module} (hash "
                f"{digest}, now {present.get(module) or 'not loaded'}); load the version that the "
                "run used"
            )


def _with_needs(source: PluginSource) -> Iterator[PluginSource]:
    for each in source.needs:
        yield from _with_needs(each)
    yield source


def _file(source: PluginSource) -> str:
    """Return the path in the folder that loads a plug-in: its file, or that of its package."""
    is_package = f"{source.package}.py" not in source.files
    return f"{PLUGIN_FOLDER}/{source.package}{'' if is_package else '.py'}"
