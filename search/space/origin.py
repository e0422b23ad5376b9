"""What a space was read from, and the command line that reads it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sugrm.config.registry import PluginSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a space was read from.

    Attributes:
        text: the text of its file; of a dict the text of a file with the same keys.
        path: the file, or the name of a packaged space; None for a dict.
        overrides: the overrides, as ``key=value``.
        data: the files of the corpus, as ``PATH`` or ``NAME=PATH``.
        folder: the folder of the file, where its plug-ins are looked for; None for none.
        plugins: the plug-ins that the space names.
        values: the values of the space as they were read.
    """

    text: str = ""
    path: str | None = None
    overrides: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    folder: Path | None = None
    plugins: tuple[PluginSource, ...] = ()
    values: Mapping[str, Any] | None = None

    @property
    def options(self) -> list[str]:
        """Return overrides and data as options of ``sugrm-search run``, a word each."""
        words = [word for given in self.overrides for word in ("--set", given)]
        return words + [word for given in self.data for word in ("--data", given)]

    @property
    def source(self) -> str:
        """Return the text, with overrides and data as comments below it."""
        given = [f"# --set {override}" for override in self.overrides]
        given += [f"# --data {file}" for file in self.data]
        return "\n".join([self.text.rstrip("\n"), *given]) + "\n"
