"""What a space was read from, and the command line that reads it again."""

from dataclasses import dataclass

from sugrm.config.registry import PluginSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a space was read from.

    Attributes:
        text: the text of its file; of a dict the text of a file with the same keys.
        path: the file, or the name of a packaged space; None for a dict.
        overrides: the overrides, as ``key=value``.
        data: the files of the corpus, as ``PATH`` or ``NAME=PATH``.
        plugins: the plug-ins that the space names.
    """

    text: str = ""
    path: str | None = None
    overrides: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    plugins: tuple[PluginSource, ...] = ()

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
