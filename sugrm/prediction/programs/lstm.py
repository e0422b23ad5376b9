"""An LSTM whose number of steps stays open when it is exported.

``torch.export`` writes ``nn.LSTM`` out step by step, for one number of steps. Here the steps are
one ``scan``, an operator that takes any number of them. Weights are those of the given module.

Source: the equations of ``torch.nn.LSTM``.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional as F

State = tuple[Tensor, Tensor]
_Stepped = tuple[State, Tensor]  # a name, since the tracer does not read ``tuple[...]`` in a step


class ScanLstm(nn.Module):
    """Compute what an LSTM computes, with the steps as one operator.

    Args:
        lstm: an LSTM in evaluation mode, of one direction and without projection.

    Raises:
        ValueError: it has two directions or a projection.
    """

    def __init__(self, lstm: nn.LSTM) -> None:
        super().__init__()
        if lstm.bidirectional or lstm.proj_size:
            raise ValueError("an LSTM with two directions or a projection")
        self.lstm = lstm

    def forward(self, sequence: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Return the states of the last layer and the final states, as ``nn.LSTM`` does.

        Args:
            sequence: [B, T, D] or, without ``batch_first``, [T, B, D].
            state: [L, B, H] hidden and cell state of each of the L layers; None starts from 0.
        """
        lstm = self.lstm
        steps = sequence.transpose(0, 1) if lstm.batch_first else sequence
        finals: list[State] = []
        for layer in range(lstm.num_layers):
            start = self._start(steps, state, layer=layer)
            final, steps = self._layer(steps, start, layer=layer)
            finals.append(final)
        hidden, cell = (torch.stack(part) for part in zip(*finals, strict=True))
        return (steps.transpose(0, 1) if lstm.batch_first else steps), (hidden, cell)

    def _start(self, steps: Tensor, state: State | None, *, layer: int) -> State:
        if state is not None:
            return state[0][layer], state[1][layer]
        zeros = steps.new_zeros(steps.shape[1], self.lstm.hidden_size)
        return zeros, zeros.clone()

    def _layer(self, steps: Tensor, start: State, *, layer: int) -> tuple[State, Tensor]:
        from torch._higher_order_ops.scan import scan

        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        of_input, of_hidden, bias_input, bias_hidden = (
            getattr(self.lstm, f"{name}_l{layer}", None) for name in names
        )
        assert of_input is not None
        assert of_hidden is not None

        def step(state: State, gates: Tensor) -> _Stepped:
            hidden, cell = state
            summed = gates + F.linear(hidden, of_hidden, bias_hidden)
            enter, forget, new, leave = summed.chunk(4, -1)
            cell = torch.sigmoid(forget) * cell + torch.sigmoid(enter) * torch.tanh(new)
            hidden = torch.sigmoid(leave) * torch.tanh(cell)
            return (hidden, cell), hidden.clone()  # an output must not be the state itself

        final, states = scan(step, start, F.linear(steps, of_input, bias_input))
        return final, states


@contextmanager
def open_steps(model: nn.Module) -> Iterator[None]:
    """Replace every LSTM of a model by a ``ScanLstm`` while the block runs.

    Raises:
        ValueError: one of them cannot be replaced.
    """
    replaced: list[Callable[[], None]] = []
    try:
        for parent in list(model.modules()):
            for name, child in list(parent.named_children()):
                if isinstance(child, nn.LSTM):
                    setattr(parent, name, ScanLstm(child))
                    replaced.append(lambda p=parent, n=name, c=child: setattr(p, n, c))  # type: ignore[misc]
        yield
    finally:
        for restore in replaced:
            restore()
