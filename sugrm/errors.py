"""The errors that the package raises on purpose.

::

    SugrmError
    ├── EncoderError         a text encoder cannot be loaded
    ├── DataError            a file, a corpus or its cache cannot be used as given
    └── NonFiniteLossError   the training loss became NaN or infinite

Each message says what was met, what was expected and what to do next.
"""


class SugrmError(Exception):
    """Root of the package's errors."""


class DataError(SugrmError):
    """A file, a corpus or its cache cannot be used as given."""


class EncoderError(SugrmError):
    """A text encoder or its tokeniser cannot be loaded."""


class NonFiniteLossError(SugrmError):
    """The training loss became NaN or infinite."""
