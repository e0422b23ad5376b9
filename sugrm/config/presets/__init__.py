"""Named sets of plain options, merged left to right under the explicit values."""

from collections.abc import Mapping

from sugrm.config.presets.ef_lstm import EF_LSTM, EF_LSTM_MOSEI
from sugrm.config.presets.lf_lstm import LF_LSTM, LF_LSTM_MOSEI
from sugrm.config.presets.mag_bert import MAG_BERT
from sugrm.config.presets.mctn import MCTN
from sugrm.config.presets.mult import MULT, MULT_MOSEI
from sugrm.config.presets.options import Options
from sugrm.config.presets.raven import RAVEN
from sugrm.config.presets.self_mm import SELF_MM, SELF_MM_MOSEI, SELF_MM_SIMS
from sugrm.config.presets.spt import SPT, SPT_MOSEI
from sugrm.config.presets.sugrm import MOSEI, MOSI, PAPER, RELEASED
from sugrm.config.presets.text_only import TEXT_ONLY
from sugrm.config.presets.tfn import TFN, TFN_MOSEI

__all__ = ["PRESETS", "Options"]

PRESETS: Mapping[str, Options] = {
    "mosi": MOSI,
    "mosei": MOSEI,
    "paper": PAPER,
    "released": RELEASED,
    "text_only": TEXT_ONLY,
    "ef_lstm": EF_LSTM,
    "ef_lstm_mosei": EF_LSTM_MOSEI,
    "lf_lstm": LF_LSTM,
    "lf_lstm_mosei": LF_LSTM_MOSEI,
    "tfn": TFN,
    "tfn_mosei": TFN_MOSEI,
    "raven": RAVEN,
    "mctn": MCTN,
    "mult": MULT,
    "mult_mosei": MULT_MOSEI,
    "spt": SPT,
    "spt_mosei": SPT_MOSEI,
    "mag_bert": MAG_BERT,
    "self_mm": SELF_MM,
    "self_mm_mosei": SELF_MM_MOSEI,
    "self_mm_sims": SELF_MM_SIMS,
}
"""Name -> options. A system's own preset names the system and is a whole setting by itself."""
