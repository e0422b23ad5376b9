"""Named sets of plain options, merged left to right under the explicit values."""

from collections.abc import Mapping

from sugrm.config.presets.options import Options
from sugrm.config.presets.self_mm import SELF_MM, SELF_MM_MOSEI
from sugrm.config.presets.sugrm import MOSEI, MOSI, PAPER, RELEASED
from sugrm.config.presets.text_only import TEXT_ONLY

__all__ = ["PRESETS", "Options"]

PRESETS: Mapping[str, Options] = {
    "mosi": MOSI,
    "mosei": MOSEI,
    "paper": PAPER,
    "released": RELEASED,
    "text_only": TEXT_ONLY,
    "self_mm": SELF_MM,
    "self_mm_mosei": SELF_MM_MOSEI,
}
"""Name -> options. A system's own preset names the system; alone it stands for a whole setting."""
