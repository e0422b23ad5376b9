"""Reading a space file: YAML to a checked ``Space``, every fault with its position."""

from search.space.reading.files import packaged_spaces
from search.space.reading.loader import load_space

__all__ = ["load_space", "packaged_spaces"]
