"""Finding, converting once and opening a corpus."""

import contextlib
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

from sugrm.argument_checks import SYNTHETIC, check_type, checked_path
from sugrm.config.sections.data import DataConfig, SyntheticConfig
from sugrm.config.sections.datasets import DatasetDescription, load_dataset
from sugrm.data.cache.content import Alignment, CorpusContent
from sugrm.data.cache.fingerprint import content_fingerprint
from sugrm.data.cache.folders import folder_lock, write_whole, writing
from sugrm.data.cache.store import write_store
from sugrm.data.corpus import Corpus, dataset_called
from sugrm.data.excluded_texts import digest_without, read_texts, without_texts
from sugrm.data.files import Given, checked_files, digest_of, name_of
from sugrm.data.fingerprints import features_fingerprint, known_reading
from sugrm.data.formats.assembling import read_features
from sugrm.data.reading.options import Reading
from sugrm.data.synthetic import GENERATOR_VERSION, make_synthetic
from sugrm.errors import DataError

_logger = logging.getLogger(__name__)


Folder = str | os.PathLike[str]


def load_corpus(data: DataConfig, alignment: str, *, cache: Folder | None = None) -> Corpus:
    """Return the corpus that ``data`` names, converted on first use.

    Args:
        data: the options that name the corpus and its files.
        alignment: the file to read: ``unaligned`` or ``aligned``.
        cache: folder of converted corpora; None takes ``$SUGRM_CACHE``, else ``~/.cache/sugrm``.

    Raises:
        ArgumentError: ``data`` or ``cache`` is of another type.
        DataError: no file is named for that alignment, or it cannot be used.
    """
    check_type(
        "data", data, kind=DataConfig, expected='a DataConfig, as DataConfig(dataset="synthetic")'
    )
    chosen = _alignment(alignment)
    if data.dataset == "synthetic":
        return write_synthetic(data.synthetic, chosen, cache=cache)
    files, dataset = data.files(chosen), data.description
    if files is None:
        raise DataError(
            f"data.{chosen} is missing: an experiment on {chosen} {dataset.name} needs its feature "
            f"file; set data.{chosen} to its path, or run with --data {chosen}=PATH"
        )
    reading = Reading(
        alignment=chosen,
        dataset=dataset,
        lengths=data.lengths,
        text=data.text_source,
        excluded=None if data.exclude is None else Path(data.exclude.texts_of).expanduser(),
    )
    return import_features(files, reading, cache=cache)


def import_features(
    path: Given, reading: Reading | None = None, *, cache: Folder | None = None
) -> Corpus:
    """Return the corpus of a feature file or a table, converted on first use.

    Args:
        path: path of the file; its layout is found by its content. Or one path for each of
            ``text`` (a table with labels), ``audio`` and ``vision`` (frames by id).
        reading: how the file is to be read; None reads an unaligned file of the dataset that the
            file's name names (see ``dataset_called``).
        cache: folder of converted corpora; None takes the default of ``load_corpus``.

    Raises:
        ArgumentError: ``path`` or ``cache`` is no path.
        DataError: the file cannot be used; all its problems are named.
    """
    files = checked_files(path)
    reading = reading or Reading(dataset=dataset_called(name_of(files)))
    root = cache_folder(cache)
    digests = [digest_of(files, root / "digests")]
    digest = digests[0].digest
    if reading.excluded is not None:
        digests.append(digest_of(checked_files(reading.excluded), root / "digests"))
        digest = digest_without(digest, digests[1].digest)
    known = known_reading(root / "readings", reading, digest=digest)
    if known.fingerprint is not None and (root / known.fingerprint).exists():
        return Corpus.open(root / known.fingerprint, reading.dataset)
    content, findings = read_features(files, reading)
    if reading.excluded is not None:
        texts = read_texts(reading.excluded, reading)
        content = without_texts(content, findings, texts=texts, source=reading.excluded)
    fingerprint = features_fingerprint(reading, digest, findings=findings)
    is_converted = (root / fingerprint).exists()
    corpus = _open_or_convert(
        root / fingerprint,
        reading.dataset,
        read=lambda: replace(content, fingerprint=fingerprint, findings=findings.described()),
    )
    # Only now: a file that is rejected leaves nothing behind. A cache that others filled may be
    # read-only; the next run then reads the file again.
    may_fail = contextlib.suppress(DataError) if is_converted else contextlib.nullcontext()
    with may_fail, writing(root):
        for each in digests:
            each.save()
        known.save(fingerprint)
    return corpus


def cached_corpus(
    fingerprint: str, fill: Callable[[Path], None], *, cache: Folder | None = None
) -> Corpus:
    """Return the corpus of a fingerprint from the cache.

    Args:
        fingerprint: fingerprint of the corpus.
        fill: writes the converted corpus into the folder it is given; called where the cache lacks
            the corpus.
        cache: folder of converted corpora; None takes the default of ``load_corpus``.

    Raises:
        DataError: the cache is damaged or cannot be written.
    """
    folder = cache_folder(cache) / fingerprint
    if not folder.exists():
        with folder_lock(folder, f"receives {folder}"), writing(folder):
            if not folder.exists():
                _logger.info("receiving the corpus %s", folder)
                write_whole(folder, fill)
    return Corpus.open(folder)


def write_synthetic(
    config: SyntheticConfig, alignment: str = "unaligned", *, cache: Folder | None = None
) -> Corpus:
    """Return the synthetic corpus of ``config``, made on first use.

    Raises:
        ArgumentError: ``config`` or ``cache`` is of another type.
        DataError: the cache is damaged or cannot be written.
    """
    check_type("config", config, kind=SyntheticConfig, expected=SYNTHETIC)
    chosen = _alignment(alignment)
    fingerprint = content_fingerprint(
        "synthetic", GENERATOR_VERSION, chosen, config.model_dump_json()
    )
    return _open_or_convert(
        cache_folder(cache) / fingerprint,
        load_dataset("synthetic"),
        read=lambda: make_synthetic(config, chosen, fingerprint=fingerprint),
    )


def _alignment(name: str) -> Alignment:
    if name not in ("unaligned", "aligned"):
        raise DataError(f"alignment is {name!r}; expected unaligned or aligned")
    return cast("Alignment", name)


def cache_folder(cache: Folder | None = None) -> Path:
    """Return the folder of converted corpora and of what is derived from them.

    Args:
        cache: the folder; None takes ``$SUGRM_CACHE``, else ``~/.cache/sugrm``.
    """
    if cache is not None:
        return checked_path("cache", cache)
    named = os.environ.get("SUGRM_CACHE")
    return Path(named).expanduser() if named else Path.home() / ".cache" / "sugrm"


def _open_or_convert(
    folder: Path, dataset: DatasetDescription, *, read: Callable[[], CorpusContent]
) -> Corpus:
    if not folder.exists():
        content = read()
        _logger.info("converting %s into %s", dataset.name, folder)
        with writing(folder.parent):
            write_whole(folder, lambda unfinished: write_store(unfinished, content))
    return Corpus.open(folder, dataset)
