"""The weights of a trained model in a plain form, from which another model can start.

Adapters (LoRA) are merged into the text encoder, whose weights have the names that transformers
gives them. So the form depends neither on the way in which the model was trained nor on the file
that it came from. It is written as safetensors, which holds tensors only and runs no code.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from sugrm.errors import CheckpointError
from sugrm.modules.text_encoder import encoder_in
from sugrm.training.checkpoints.trained import trained_weights
from sugrm.training.checkpoints.weights_digest import weights_digest

FILE_NAME = "start.safetensors"
TEXT_ENCODER = "text_encoder."
"""How the names of a text encoder's weights start in every system."""
TEXT_PREFIX = f"{TEXT_ENCODER}model."
"""The same in the plain form; transformers' own name follows."""

Shapes = Mapping[str, tuple[int, ...]]
"""Name of a weight -> its shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartFacts:
    """What is known of weights to start from without holding them.

    Attributes:
        digest: SHA-256 of names and tensors.
        shapes: the shape of each weight, by name.
        size: their bytes.
        system: name of the model's system.
        text_encoder: name of its text encoder; "" where it reads no words.
        seed: seed of its trial.
        origin: where the model comes from, as a phrase: ``run mosei_text, trial KEY``.
    """

    digest: str
    shapes: Shapes
    size: int
    system: str
    text_encoder: str
    seed: int
    origin: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StartWeights:
    """The weights of a trained model.

    Attributes:
        facts: what is known of them.
        weights: name -> tensor, on the CPU; those of a text encoder that was not trained may be
            missing.
    """

    facts: StartFacts
    weights: Mapping[str, Tensor]

    @classmethod
    def of(
        cls,
        weights: Mapping[str, Tensor],
        *,
        system: str,
        text_encoder: str,
        seed: int,
        origin: str,
    ) -> "StartWeights":
        """Return weights with their digest and their shapes; see ``StartFacts``."""
        facts = StartFacts(
            digest=weights_digest(weights),
            shapes=shapes_of(weights),
            size=sum(weight.nbytes for weight in weights.values()),
            system=system,
            text_encoder=text_encoder,
            seed=seed,
            origin=origin,
        )
        return cls(facts, weights)

    def __repr__(self) -> str:
        """Return the origin, the seed and the digest."""
        facts = self.facts
        return f"StartWeights({facts.origin}, seed {facts.seed}, {facts.digest[:12]})"

    def write(self, folder: str | os.PathLike[str]) -> None:
        """Write the weights into a folder, which is made where there is none.

        Raises:
            OSError: the file system refuses the file.
        """
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        facts = {name: str(getattr(self.facts, name)) for name in _WRITTEN}
        own = {name: weight.contiguous().clone() for name, weight in self.weights.items()}
        save_file(own, place / FILE_NAME, metadata={"format": "pt", **facts})


_WRITTEN = ("system", "text_encoder", "seed", "origin")


def shapes_of(weights: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """Return the shape of each tensor, by name."""
    return {name: tuple(weight.shape) for name, weight in weights.items()}


def read_start_weights(folder: str | os.PathLike[str], *, digest: str) -> StartWeights:
    """Return the weights that ``StartWeights.write`` wrote into a folder.

    Args:
        folder: the folder.
        digest: their digest.

    Raises:
        CheckpointError: there are no such weights, or they are others.
    """
    file = Path(folder) / FILE_NAME
    try:
        found = _read(file)
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise CheckpointError(
            f"{file} holds no weights to start from ({error}); expected the copy that the run "
            "made; remove its folder and run the same command again"
        ) from error
    if found.facts.digest != digest:
        raise CheckpointError(
            f"{file} holds other weights than the run was planned with (digest "
            f"{found.facts.digest[:12]}, expected {digest[:12]}); remove its folder and run the "
            "same command again"
        )
    return found


def _read(file: Path) -> StartWeights:
    with safe_open(file, framework="pt") as opened:
        facts = opened.metadata() or {}
        weights = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    texts = {name: facts[name] for name in _WRITTEN if name != "seed"}
    return StartWeights.of(weights, seed=int(facts["seed"]), **texts)


def plain_weights(model: nn.Module, *, with_frozen: bool = False) -> dict[str, Tensor]:
    """Return the weights of a trained model in the plain form, on the CPU.

    Args:
        model: the model.
        with_frozen: whether the weights of a text encoder that was not trained are among them.
    """
    encoder = encoder_in(model)
    others = {
        name: weight.detach().cpu()
        for name, weight in trained_weights(model).items()
        if not name.startswith(TEXT_ENCODER)
    }
    if encoder is None or not (encoder.finetune or with_frozen):
        return others
    return others | named_text(encoder.merged().state_dict())


def named_text(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights of a text encoder by their names in the plain form, on the CPU."""
    return {f"{TEXT_PREFIX}{name}": weight.detach().cpu() for name, weight in weights.items()}


def without_text(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights without those of the text encoder."""
    return {n: weight for n, weight in weights.items() if not n.startswith(TEXT_ENCODER)}
