"""Restoring label states from a checkpoint."""

from collections.abc import Iterable, Mapping

from torch import Tensor


def restored(
    state: Mapping[str, Tensor], names: Iterable[str], *, human: Tensor
) -> dict[str, Tensor]:
    """Return copies of the tensors ``names`` on the device of ``human`` [N].

    Raises:
        ValueError: if a tensor is missing or is of another training split's size.
    """
    names = list(names)
    if missing := [name for name in names if name not in state]:
        raise ValueError(
            f"label state lacks {', '.join(missing)};"
            " it was not saved by this label generator; start the run anew"
        )
    if state["human"].shape != human.shape:
        raise ValueError(
            f"label state is for {len(state['human'])} training utterances, this split has"
            f" {len(human)}; continue with the data that the run began with"
        )
    return {name: state[name].to(human.device, copy=True) for name in names}
