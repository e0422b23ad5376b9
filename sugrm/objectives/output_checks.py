"""Checks of what a system returns, so that one with a wrong shape fails and is not broadcast."""

from torch import Tensor

from sugrm.errors import PluginError
from sugrm.types import Batch, ModelOutput, Task


def check_output(output: object, batch: Batch, *, model: str) -> None:
    """Raise an error unless a system has predicted one number for each utterance.

    It compares shapes alone and does not wait for the device.

    Args:
        output: what the system returned.
        batch: the batch that it was given.
        model: the name of the system, for the message.

    Raises:
        PluginError: it is no ``ModelOutput``, lacks the multimodal task, or has another shape.
    """
    if not isinstance(output, ModelOutput):
        raise PluginError(
            f"the system {model} returned {type(output).__name__}; expected a ModelOutput, as "
            "sugrm.plugins.multimodal_output makes it"
        )
    if Task.MULTIMODAL not in output.predictions:
        raise PluginError(f"the system {model} returned no prediction of the task M; expected one")
    for task, prediction in output.predictions.items():
        name = f"prediction of the task {task}"
        _check_shape(name, prediction, expected=(len(batch),), model=model)
    for task, features in output.features.items():
        if len(features.shape) != 2 or len(features) != len(batch):
            name = f"features of the task {task}"
            _check_shape(name, features, expected=(len(batch), "D"), model=model)


def _check_shape(name: str, tensor: Tensor, *, expected: tuple[int | str, ...], model: str) -> None:
    if tuple(tensor.shape) != expected:
        raise PluginError(
            f"the system {model} returned a {name} of shape {[*tensor.shape]}; expected "
            f"[{', '.join(map(str, expected))}] for a batch of {expected[0]} utterances"
        )
