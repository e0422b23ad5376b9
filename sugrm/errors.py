"""The errors that the package raises on purpose.

::

    SugrmError
    ├── ArgumentError        a function was given something that it cannot use
    ├── CheckpointError      a file of weights cannot be used
    ├── ModelFolderError     a model folder cannot be written or read
    ├── StartError           a trained model cannot be started from
    ├── EncoderError         a text encoder cannot be loaded
    ├── DataError            a file, a corpus or its cache cannot be used as given
    ├── NonFiniteLossError   the training loss became NaN or infinite
    └── PluginError          a plug-in cannot be found, imported or used

Each message says what happened, what was expected and what to do next.
"""

_LONGEST_REASON = 200


class SugrmError(Exception):
    """Root of the package's errors."""


class ArgumentError(SugrmError):
    """A function was given something that it cannot use."""


class CheckpointError(SugrmError):
    """A file of weights cannot be read, or does not fit its model."""


class ModelFolderError(SugrmError):
    """A folder of an exported model cannot be written, is damaged, or is something else."""


class DataError(SugrmError):
    """A file, a corpus or its cache cannot be used as given."""


class StartError(SugrmError):
    """The model whose weights training is to start from is missing, or does not fit."""


class EncoderError(SugrmError):
    """A text encoder or its tokeniser cannot be loaded."""


class NonFiniteLossError(SugrmError):
    """The training loss became NaN or infinite."""


class PluginError(SugrmError):
    """A plug-in cannot be found or imported, or what it declares cannot be used.

    Args:
        message: what happened, what was expected and what to do.
        place: the place of the plug-in among those that were named, from 0; None where it is not
            known.
    """

    def __init__(self, message: str, *, place: int | None = None) -> None:
        super().__init__(message)
        self.place = place


def first_line(error: BaseException) -> str:
    r"""Return the shortened first line of another library's message, or the error's class name.

    >>> first_line(OSError("no such model: \n Please visit ..."))
    'no such model'
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    line = lines[0].rstrip(" .:") if lines else ""
    if len(line) > _LONGEST_REASON:
        line = f"{line[:_LONGEST_REASON].rstrip()}..."
    return line or type(error).__name__
