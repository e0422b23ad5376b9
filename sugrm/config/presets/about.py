"""What each preset holds, in one line."""

from collections.abc import Mapping

PRESETS_ABOUT: Mapping[str, str] = {
    "mosi": "SUGRM on MOSI: Table 7 of the paper; put paper or released after it",
    "mosei": "SUGRM on MOSEI: Table 7 of the paper; put paper or released after it",
    "paper": "the paper's side of every difference between paper and released code",
    "released": "the released code's side of every difference between paper and released code",
    "text_only": "the text-only system, fine-tuned",
    "ef_lstm": "EF-LSTM on MOSI: the baseline of MFN's released code",
    "ef_lstm_mosei": "EF-LSTM on MOSEI: MMSA's values",
    "lf_lstm": "LF-LSTM on MOSI: MMSA's values for LF-DNN, the nearest published ones",
    "lf_lstm_mosei": "LF-LSTM on MOSEI: MMSA's values for LF-DNN",
    "tfn": "TFN on MOSI: its paper's values",
    "tfn_mosei": "TFN on MOSEI: MMSA's values",
    "raven": "RAVEN: its authors' released code",
    "mctn": "MCTN: its authors' released code, hierarchical",
    "mult": "MulT on MOSI: Table 5 of its paper",
    "mult_mosei": "MulT on MOSEI: Table 5 of its paper",
    "spt": "SPT: its authors' run script, the same values as for MOSEI",
    "spt_mosei": "SPT on MOSEI: its authors' run script",
    "mag_bert": "MAG-BERT: its authors' released code",
    "self_mm": "Self-MM on MOSI: its authors' released code",
    "self_mm_mosei": "Self-MM on MOSEI: its authors' released code",
    "self_mm_sims": "Self-MM on CH-SIMS: MMSA's values, with its Chinese text encoder",
}
"""Name of a preset -> what its values are and whose."""
