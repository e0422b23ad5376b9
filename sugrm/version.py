"""The versions of the numbers."""

NUMERICS = 3
"""Raised by hand when a change alters results; part of every trial's key.

2: the phase of SPT's input attention is truncated towards 0; 1 rounded it down. With
``precision: auto`` a GPU that only emulates bfloat16 computes in float32.
3: on a CPU the masks of dropout are drawn in another way, and only for what is computed; LSTMs,
text encoders and evaluations put utterances of similar length together, which rounds differently.
"""

TEXT_STATES = 1
"""Raised by hand when a change alters the hidden states of frozen text encoders, or how the
cache stores them. It is part of the states' key and, through ``encoder_fingerprint``, of the keys
of trials with a frozen encoder, and of no others.
"""
