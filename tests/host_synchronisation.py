"""A guard that fails where a training step would have to wait for its device."""

from unittest.mock import patch

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

READS_A_VALUE = {"_local_scalar_dense", "nonzero", "is_nonzero", "item", "masked_select", "equal"}
INDEXES = {"index", "index_put", "index_put_", "_index_put_impl_"}


class NoHostSynchronisation(TorchDispatchMode):
    """Raises AssertionError at an operation whose result the host must know to go on.

    Works on the CPU, where indexing by a boolean mask calls nonzero out of sight; so masks among
    the indices are refused as well. Models take the path of a GPU, which never asks for lengths.
    """

    def __enter__(self):
        self.as_a_gpu = patch("sugrm.modules.host.is_on_host", lambda lengths: False)
        self.as_a_gpu.start()
        return super().__enter__()

    def __exit__(self, *error):
        self.as_a_gpu.stop()
        return super().__exit__(*error)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket.__name__
        assert name not in READS_A_VALUE, f"{name} waits for the device"
        if name in INDEXES:
            masks = [i for i in args[1] if isinstance(i, Tensor) and i.dtype == torch.bool]
            assert not masks, f"{name} by a boolean mask calls nonzero, which waits for the device"
        return func(*args, **(kwargs or {}))
