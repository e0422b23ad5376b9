import sys

import pytest

from sugrm.config.registry.registered import preserved
from sugrm.config.registry.sources import MARK

SYSTEM = '''
from typing import Literal
from torch import nn
from sugrm.plugins import ModelSection, System

class OwnConfig(ModelSection):
    """Options of an own system."""

    name: Literal["own"] = "own"
    width: int = 4

OWN = System(options=OwnConfig, build=lambda options, inputs: nn.Linear(options.width, 1))
'''

LOSS = '''
from typing import Literal
from pydantic import Field
from sugrm.plugins import Loss, LossSection

class PinballConfig(LossSection):
    """Options of the pinball loss."""

    name: Literal["pinball"] = "pinball"
    quantile: float = Field(0.5, gt=0, lt=1)

def pinball(options):
    def loss(predictions, targets):
        errors = targets - predictions
        return errors.clamp(min=0) * options.quantile - errors.clamp(max=0) * (1 - options.quantile)
    return loss

PINBALL = Loss(options=PinballConfig, build=pinball)
'''


@pytest.fixture
def plugin(tmp_path):
    """Return a function that writes a plug-in; nothing of it is left after the test."""

    def write(text=SYSTEM, name="own_plugin"):
        file = tmp_path / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    with preserved():
        yield write
    for name in [name for name, module in sys.modules.items() if hasattr(module, MARK)]:
        del sys.modules[name]
