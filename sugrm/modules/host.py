"""Where lengths may be read on the host, so that padding need not be computed.

On a CPU they already are there. A GPU would have to be waited for in every step, and a program of
``torch.export`` keeps them as they come. Import the module, not the function, so that a test can
let a CPU stand for a GPU.
"""

import torch
from torch import Tensor


def is_on_host(lengths: Tensor) -> bool:
    """Return whether reading the lengths waits for no device."""
    return lengths.device.type == "cpu" and not torch.compiler.is_compiling()
