"""LoRA adapters of a text encoder, by the library peft.

What decides their numbers is given to peft in full, so that its defaults may change: the layers,
their order, the initialisation (A Kaiming-uniform, B zero) and the scale ``alpha / rank``.

Source: Hu et al. 2022 (ICLR), Section 4.1.
"""

import copy
import importlib.util
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from sugrm.config.sections.text import LoraConfig
from sugrm.errors import EncoderError

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

QUERY_AND_VALUE = (
    ("query", "value"),  # BERT, RoBERTa, XLM-R, ELECTRA, ALBERT
    ("q_lin", "v_lin"),  # DistilBERT, XLM
    ("query_proj", "value_proj"),  # DeBERTa-v2
    ("q_proj", "v_proj"),  # EuroBERT, GTE
    ("q", "v"),  # MPNet
    ("Wqkv",),  # ModernBERT: one layer makes queries, keys and values
    ("in_proj",),  # DeBERTa: likewise
)
"""Names that encoders give to the linear layers which make queries and values.

peft has such a list as well; it lacks DistilBERT, MPNet, ALBERT and ModernBERT, and the layers that
a trial trains should not follow peft's version.
"""

ADAPTER_FILE = "adapter_model.safetensors"
_ADAPTER = "default"  # peft's name of a model's first adapter


def check_peft() -> None:
    """Raise an error where the library peft is not installed.

    Raises:
        EncoderError: it is not.
    """
    if importlib.util.find_spec("peft") is None:
        raise EncoderError(
            "model.text.lora needs the package peft, which is not installed; install it with: "
            "pip install 'sugrm-search[lora]'"
        )


def query_and_value_layers(layers: Iterable[str]) -> tuple[str, ...]:
    """Return the last part of the names of the layers that make queries and values.

    Args:
        layers: names of an encoder's linear layers.

    Returns:
        One or two names; none where the encoder calls them otherwise.
    """
    ends = {layer.rpartition(".")[2] for layer in layers}
    return next((names for names in QUERY_AND_VALUE if ends.issuperset(names)), ())


def names_a_layer(target: str, layers: Iterable[str]) -> bool:
    """Return whether ``target`` is the name, or the end of the name, of one of the layers."""
    return any(f".{layer}".endswith(f".{target}") for layer in layers)


def with_adapter(model: "PreTrainedModel", lora: LoraConfig, *, base: str) -> "PeftModel":
    """Return a model with an adapter drawn from torch's generator; its own weights are frozen.

    Args:
        model: the encoder, which is changed in place.
        lora: the options of the adapter.
        base: name of the encoder, which the adapter's files mention.

    Raises:
        EncoderError: peft is not installed, or the model has no such layers.
    """
    check_peft()
    from peft import LoraConfig as PeftLora
    from peft import get_peft_model

    options = PeftLora(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=list(_targets(model, lora)),
        bias="none",
        use_rslora=False,
        init_lora_weights=True,
    )
    with warnings.catch_warnings():
        # peft asks the model with a name that transformers is about to change.
        warnings.simplefilter("ignore", FutureWarning)
        adapted: PeftModel = get_peft_model(model, options)
    adapted.peft_config[_ADAPTER].base_model_name_or_path = base or None
    return adapted


def _targets(model: nn.Module, lora: LoraConfig) -> Sequence[str]:
    layers = [name for name, part in model.named_modules() if isinstance(part, nn.Linear)]
    targets = lora.targets or query_and_value_layers(layers)
    if not targets or not all(names_a_layer(target, layers) for target in targets):
        raise EncoderError(
            f"{type(model).__name__} has no linear layers {', '.join(targets) or 'query and value'}"
            "; expected model.text.lora.targets of names among: "
            f"{', '.join(last_parts(layers)) or 'none, so choose another encoder'}"
        )
    return targets


def last_parts(layers: Iterable[str]) -> list[str]:
    """Return the last part of each layer's name, each once.

    >>> last_parts(["layer.0.query", "layer.0.value", "layer.1.query"])
    ['query', 'value']
    """
    return list(dict.fromkeys(layer.rpartition(".")[2] for layer in layers))


def own_weights(model: "PeftModel") -> Iterator[tuple[str, Tensor]]:
    """Yield the weights and buffers of the encoder without its adapter, by transformers' names."""
    untyped: Any = model
    for name, weight in untyped.get_base_model().state_dict().items():
        if ".lora_" not in name:
            yield name.replace(".base_layer.", "."), weight


def merged(model: "PeftModel") -> "PreTrainedModel":
    """Return a copy of the encoder whose own weights contain the adapter; ``model`` stays."""
    untyped: Any = copy.deepcopy(model)
    plain: PreTrainedModel = untyped.merge_and_unload()
    return plain


def write_adapter(model: "PeftModel", folder: Path) -> None:
    """Write the adapter alone into a folder, which may exist, in the format that peft reads.

    Raises:
        OSError: the file system refuses a file.
    """
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    untyped: Any = model
    options = copy.copy(untyped.peft_config[_ADAPTER])
    options.inference_mode = True  # who reads it back does not train it unless they say so
    options.save_pretrained(str(folder))
    weights = get_peft_model_state_dict(untyped, save_embedding_layers=False)
    plain = {name: weight.detach().cpu().contiguous() for name, weight in weights.items()}
    save_file(plain, folder / ADAPTER_FILE, metadata={"format": "pt"})
