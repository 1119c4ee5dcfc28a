"""The well-known networks of `specs/` beside the same ones in PyTorch: how many parameters and multiply-accumulates
they have, and what they compute with the same weights.

    python -m tests.torch.specs_compare

Needs PyTorch, transformers for the last three; nothing is downloaded. Weights are drawn, none is left at 0 or 1.
The largest error over the largest |y| is printed; the exit code is 1 where one is beyond 1e-10 in float64 or 1e-5 in
float32, or a count differs.
"""

import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import netspec
from netspec import Network
from tests.torch.networks import BOUNDS, SPECS
from tests.torch.specs_modules import COMPUTED, COUNTED

Arrays = dict[str, NDArray[Any]]

_TENSORS: Final = ("weight", "bias", "running_mean", "running_var")
_AFFINE: Final = (nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d, nn.Linear)


def network(name: str) -> Network:
    """Return the network of a spec, or of the variant behind it."""
    path, _, variant = name.partition(" ")
    return netspec.load(SPECS / f"{path}.yaml", variant=variant or None)


def whole(net: Network) -> dict[str, int]:
    """Return a network's hyperparameters that are integers."""
    return {name: value for name, value in net.part.scope.values.items() if isinstance(value, int)}


def counted(module: nn.Module) -> int:
    """Return how many parameters a module has; those of a tie count once."""
    return sum(parameter.numel() for parameter in module.parameters())


def drawn(net: Network, dtype: str) -> tuple[Arrays, Callable[..., NDArray[Any]]]:
    """Return weights, and the text that netspec emits for the network as a function of the inputs with them."""
    model = net.build(seed=0, dtype=dtype)  # type: ignore[arg-type]  # one of BOUNDS
    rng = np.random.default_rng(0)
    values: Arrays = dict(model.parameters)
    for name, array in values.items():
        role = name.rpartition(".")[2].partition("_")[0]
        if role in ("beta", "mean"):
            values[name] = (0.1 * rng.standard_normal(array.shape)).astype(dtype)
        elif role in ("gamma", "variance"):
            values[name] = (1 + 0.2 * rng.random(array.shape)).astype(dtype)
    module: dict[str, Any] = {}
    exec(model.source, module)
    bound = module["bind"](module["prepare"](values))
    return values, lambda *x: bound(*x)[0]


def used(module: nn.Module, inputs: list[torch.Tensor]) -> tuple[list[nn.Module], int]:
    """Return the modules that have tensors in the order of their first use, and the macs of an example."""
    order: dict[nn.Module, None] = {}
    for leaf in module.modules():
        if not list(leaf.children()):
            leaf.register_forward_pre_hook(lambda leaf, _: order.setdefault(leaf, None))
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        module(*inputs)
    return [leaf for leaf in order if list(leaf.parameters())], counter.get_total_flops() // 2


def tensors(leaf: nn.Module) -> Iterator[torch.Tensor]:
    """Yield a module's tensors in netspec's order: β before Ω, γ before β, then what is kept."""
    if isinstance(leaf, nn.LSTM):
        for tag in ("", "_reverse"):
            for kind in ("ih", "hh"):
                yield from (getattr(leaf, f"{each}_{kind}_l0{tag}").data for each in ("bias", "weight"))
        return
    names = ("bias", "weight") if isinstance(leaf, _AFFINE) else _TENSORS
    for name in names:
        tensor = getattr(leaf, name, None)
        if tensor is not None:
            yield tensor.data


def arrays(shapes: tuple[Any, ...], integers: set[int], dtype: str) -> list[NDArray[Any]]:
    """Return two examples of each input."""
    rng = np.random.default_rng(1)
    return [
        rng.integers(0, shape[1], (2, shape[0]))
        if number in integers
        else rng.standard_normal((2, *shape)).astype(dtype)
        for number, shape in enumerate(shapes)
    ]


def error(ours: NDArray[Any], theirs: torch.Tensor) -> float:
    """Return the largest difference over the largest |y|."""
    expected = theirs.numpy()
    assert ours.shape == expected.shape
    assert ours.dtype == expected.dtype
    return float(np.abs(ours - expected).max() / np.abs(expected).max())


def own(name: str) -> bool:
    """Compare a network of modules; print its line; return whether it is beyond a bound."""
    build, shapes = COMPUTED[name]
    net = network(name)
    integers = set(net.operations.integers)
    with torch.device("meta"):
        examples = [torch.empty(a.shape[1:], dtype=torch.int64 if i in integers else torch.float32)[None]
                    for i, a in enumerate(arrays(shapes, integers, "float32"))]  # fmt: skip
        module = build().eval()
    leaves, macs = used(module, examples)
    errors = {}
    for dtype in BOUNDS:
        values, ours = drawn(net, dtype)
        module = module.to_empty(device="cpu").to(getattr(torch, dtype))
        targets = [tensor for leaf in leaves for tensor in tensors(leaf)]
        for array, tensor in zip(values.values(), targets, strict=True):
            assert array.shape == tuple(tensor.shape)
            tensor.copy_(torch.from_numpy(array.copy()))
        x = arrays(shapes, integers, dtype)
        with torch.inference_mode():
            errors[dtype] = error(ours(*x), module(*map(torch.from_numpy, x)))
    return report(name, net, counted(module), macs if isinstance(net.facts.macs, int) else None, errors)


def report(name: str, net: Network, parameters: int, macs: Any, errors: dict[str, float]) -> bool:
    """Print the line of a network; return whether a count differs, or an error is beyond its bound."""
    facts = net.facts
    wrong = parameters != facts.parameters or (macs is not None and macs != facts.macs)
    wrong |= any(not value <= BOUNDS[dtype] for dtype, value in errors.items())
    told = "" if macs is None else f"{facts.macs:>15,} macs"
    values = "   ".join(f"{dtype} {value:.1e}" for dtype, value in errors.items())
    line = f"{name:34}{facts.parameters:>17,} parameters {told:20}   {values}"
    print(line.rstrip() + (f"   FAILS: {parameters:,} {macs}" if wrong else ""), flush=True)
    return wrong


# -- transformers -----------------------------------------------------------------------------------------------------


def _gpt2(net: Network, values: Arrays) -> nn.Module:
    from transformers import GPT2Config, GPT2LMHeadModel  # type: ignore[import-not-found]  # not among the tools

    depth = sum(name.endswith("attention.Omega_query") for name in values)
    vocabulary, D = values["words.Omega"].shape
    heads = whole(net)["heads"]
    context = len(values["positional_embedding.Omega"])
    module = GPT2LMHeadModel(
        GPT2Config(vocab_size=vocabulary, n_positions=context, n_embd=D, n_layer=depth, n_head=heads)
    )
    found = {"transformer.wte.weight": values["words.Omega"], "lm_head.weight": values["words.Omega"]}
    found["transformer.wpe.weight"] = values["positional_embedding.Omega"]
    found |= _gain("transformer.ln_f", values, "layer_norm")
    for number in range(depth):
        at, to = f"decoder.{number}", f"transformer.h.{number}"
        found |= _gain(f"{to}.ln_1", values, f"{at}.layer_norm") | _gain(f"{to}.ln_2", values, f"{at}.layer_norm_2")
        roles = ("query", "key", "value")
        found[f"{to}.attn.c_attn.weight"] = np.concatenate([values[f"{at}.attention.Omega_{r}"] for r in roles]).T
        found[f"{to}.attn.c_attn.bias"] = np.concatenate([values[f"{at}.attention.beta_{r}"] for r in roles])
        for there, here in (
            ("attn.c_proj", "attention.{}_output"), ("mlp.c_fc", "mlp.{}_0"), ("mlp.c_proj", "mlp.{}_1"),
        ):  # fmt: skip
            found[f"{to}.{there}.weight"] = values[f"{at}.{here.format('Omega')}"].T
            found[f"{to}.{there}.bias"] = values[f"{at}.{here.format('beta')}"]
    return _filled(module, found)


def _bert(net: Network, values: Arrays) -> nn.Module:
    from transformers import BertConfig, BertModel

    depth = sum(name.endswith("attention.Omega_query") for name in values)
    vocabulary, D = values["words.Omega"].shape
    config = BertConfig(
        vocab_size=vocabulary, hidden_size=D, num_hidden_layers=depth, intermediate_size=4 * D,
        num_attention_heads=whole(net)["heads"], max_position_embeddings=whole(net)["context"],
    )  # fmt: skip
    found = {
        "embeddings.word_embeddings.weight": values["words.Omega"],
        "embeddings.position_embeddings.weight": values["positional_embedding.Omega"],
        "embeddings.token_type_embeddings.weight": values["parts.Omega"],
    }
    found |= _gain("embeddings.LayerNorm", values, "layer_norm")
    found |= {"pooler.dense.weight": values["pooled.Omega"], "pooler.dense.bias": values["pooled.beta"]}
    for number in range(depth):
        at, to = f"encoder.{number}", f"encoder.layer.{number}"
        found |= _gain(f"{to}.attention.output.LayerNorm", values, f"{at}.middle")
        found |= _gain(f"{to}.output.LayerNorm", values, f"{at}.layer_norm")
        for there, here in (
            ("attention.self.query", "attention.{}_query"), ("attention.self.key", "attention.{}_key"),
            ("attention.self.value", "attention.{}_value"), ("attention.output.dense", "attention.{}_output"),
            ("intermediate.dense", "mlp.{}_0"), ("output.dense", "mlp.{}_1"),
        ):  # fmt: skip
            found[f"{to}.{there}.weight"] = values[f"{at}.{here.format('Omega')}"]
            found[f"{to}.{there}.bias"] = values[f"{at}.{here.format('beta')}"]
    return _filled(BertModel(config), found)


def _llama(net: Network, values: Arrays) -> nn.Module:
    from transformers import LlamaConfig, LlamaForCausalLM

    sizes = whole(net)
    config = LlamaConfig(
        vocab_size=sizes["vocabulary"], hidden_size=sizes["D"], intermediate_size=sizes["inner"],
        num_hidden_layers=sizes["depth"], num_attention_heads=sizes["heads"],
        num_key_value_heads=sizes["key_heads"], max_position_embeddings=sizes["context"], rms_norm_eps=1e-5,
    )  # fmt: skip
    found = {"model.embed_tokens.weight": values["embedding.Omega"], "lm_head.weight": values["logits.Omega"]}
    found["model.norm.weight"] = values["rms_norm.gamma"]
    for number in range(sizes["depth"]):
        at, to = f"decoder.{number}", f"model.layers.{number}"
        found[f"{to}.input_layernorm.weight"] = values[f"{at}.rms_norm.gamma"]
        found[f"{to}.post_attention_layernorm.weight"] = values[f"{at}.scaled.gamma"]
        for there, here in (("q", "query"), ("k", "key"), ("v", "value"), ("o", "output")):
            found[f"{to}.self_attn.{there}_proj.weight"] = values[f"{at}.attended.Omega_{here}"]
        for role in ("gate", "up", "down"):
            found[f"{to}.mlp.{role}_proj.weight"] = values[f"{at}.{role}.Omega"]
    return _filled(LlamaForCausalLM(config), found)


def _gain(there: str, values: Arrays, here: str) -> Arrays:
    return {f"{there}.weight": values[f"{here}.gamma"], f"{there}.bias": values[f"{here}.beta"]}


def _filled(module: nn.Module, found: Arrays) -> nn.Module:
    """Return a module in evaluation with every one of its weights as given."""
    dtype = next(iter(found.values())).dtype
    module = module.eval().to(getattr(torch, dtype.name))
    module.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in found.items()}, strict=True)
    return module


TRANSFORMERS: Final[dict[str, tuple[Callable[[Network, Arrays], nn.Module], str, tuple[str, ...]]]] = {
    "language/gpt2": (_gpt2, "logits", ("float64", "float32")),
    "language/bert": (_bert, "last_hidden_state", ("float64", "float32")),
    "language/llama_2 tiny": (_llama, "logits", ("float32",)),
}
"""What builds each, which of its results is compared, and the dtypes: its LLaMA norms and turns in float32 always."""


def theirs(name: str) -> bool:
    """Compare a network of transformers; print its line; return whether it is beyond a bound."""
    build, result, dtypes = TRANSFORMERS[name]
    net = network(name)
    errors: dict[str, float] = {}
    for dtype in dtypes:
        values, ours = drawn(net, dtype)
        module = build(net, values)
        rng = np.random.default_rng(1)
        x = [rng.integers(0, whole(net)["vocabulary"], (2, 21))]
        x += [rng.integers(0, 2, (2, 21))] if len(net.facts.inputs) == 2 else []
        named = dict(zip(("input_ids", "token_type_ids"), map(torch.from_numpy, x), strict=False))
        with torch.inference_mode():
            errors[dtype] = error(ours(*x), module(**named)[result])
    return report(f"{name} (transformers)", net, counted(module), None, errors)


def main() -> int:
    """Print a line for each network; return 1 where one is beyond its bound or a count differs."""
    print(f"PyTorch {torch.__version__}, NumPy {np.__version__}; the same weights, end to end")
    failed = False
    for name, build in COUNTED.items():
        with torch.device("meta"):
            failed |= report(name, network(name), counted(build()), None, {})
    for name in COMPUTED:
        failed |= own(name)
    if find_spec("transformers") is not None:
        for name in TRANSFORMERS:
            failed |= theirs(name)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
