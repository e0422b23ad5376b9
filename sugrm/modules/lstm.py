"""An LSTM that also computes where the CPU has no bfloat16 for it."""

from functools import cache

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

States = tuple[Tensor, Tensor]


class LSTM(nn.LSTM):
    """``torch.nn.LSTM``, computed in float32 under autocast on a CPU without AVX-512.

    There autocast would give it bfloat16, for which oneDNN has no LSTM on such a CPU: "could not
    create a primitive descriptor". Other layers compute in bfloat16 on every CPU.
    """

    def forward(  # type: ignore[override]  # nn.LSTM has it as two overloads
        self, input: Tensor | PackedSequence, hx: States | None = None
    ) -> tuple[Tensor | PackedSequence, States]:
        """Return the states of the last layer, and the final hidden and cell states."""
        data = input.data if isinstance(input, PackedSequence) else input
        if data.device.type != "cpu" or not torch.is_autocast_enabled("cpu") or _has_bfloat16():
            return super().forward(input, hx)
        with torch.autocast("cpu", enabled=False):
            return super().forward(
                input.to(torch.float32), None if hx is None else (hx[0].float(), hx[1].float())
            )


@cache
def _has_bfloat16() -> bool:
    """Return whether this CPU computes an LSTM in bfloat16; oneDNN cannot on some."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return True
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
