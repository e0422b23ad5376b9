"""The type of a preset."""

from collections.abc import Mapping
from typing import Any

Options = Mapping[str, Any]
"""Nested plain options, a part of an experiment."""
