"""GPT-2 and ViT of `specs/` for onnxruntime and torch, of the parameters by their names in the spec.

Query, key and value are one product for both peers, as the published models have it.
"""

from typing import Any, Final, Literal, NamedTuple

import numpy as np

from benchmarks.onnx_graph import OnnxGraph
from benchmarks.peers import Array, Parameters
from benchmarks.torch_weights import convolution, held, layer_norm, linear

_ROLES: Final = ("query", "key", "value")


class Form(NamedTuple):
    """What tells the blocks of one from those of another."""

    blocks: str
    heads: int
    epsilon: float
    gelu: Literal["none", "tanh"]
    causal: bool

    def depth(self, parameters: Parameters) -> int:
        """Return how many blocks there are."""
        return sum(name.startswith(self.blocks) and name.endswith("attention.Omega_query") for name in parameters)


GPT_2: Final = Form("decoder", 12, 1e-5, "tanh", causal=True)
VIT: Final = Form("encoder", 12, 1e-6, "none", causal=False)


def joined(parameters: Parameters, name: str) -> tuple[Array, Array]:
    """Return Ω (3 D, D) and β (3 D,) of query, key and value together."""
    weights = [parameters[f"{name}.attention.Omega_{role}"] for role in _ROLES]
    return np.concatenate(weights), np.concatenate([parameters[f"{name}.attention.beta_{role}"] for role in _ROLES])


# -- ONNX ----------------------------------------------------------------------------------------------------------


def gpt_2_onnx(parameters: Parameters, tokens: int, form: Form = GPT_2) -> bytes:
    """Return GPT-2 as an ONNX file for texts of so many tokens: from (batch, tokens) to logits."""
    graph = OnnxGraph()
    words = graph.tensor("words.Omega", parameters["words.Omega"])
    places = graph.tensor("places", parameters["positional_embedding.Omega"][:tokens])
    at = graph.node("Add", graph.node("Gather", words, "x"), places)
    if form.causal:
        graph.tensor("mask", np.triu(np.full((tokens, tokens), -np.inf, np.float32), 1))
    for number in range(form.depth(parameters)):
        at = _block(graph, at, parameters, f"{form.blocks}.{number}", form, tokens)
    at = _norm(graph, at, parameters, "layer_norm", form)
    vocabulary = parameters["words.Omega"].shape[0]
    graph.node("MatMul", at, graph.tensor("logits", parameters["words.Omega"].T))
    return graph.model(["batch", tokens], ["batch", tokens, vocabulary], integer=True)


def vit_onnx(parameters: Parameters, form: Form = VIT) -> bytes:
    """Return ViT as an ONNX file: from (batch, 3, side, side) to classes."""
    graph = OnnxGraph()
    D, _, patch, _ = parameters["conv.Omega"].shape
    positions = parameters["positional_embedding.Omega"].shape[0]
    side = patch * round((positions - 1) ** 0.5)
    weight, bias = (graph.tensor(name, parameters[name]) for name in ("conv.Omega", "conv.beta"))
    at = graph.node("Conv", "x", weight, bias, strides=[patch, patch])
    at = graph.node("Transpose", graph.node("Reshape", at, graph.integers(0, D, positions - 1)), perm=[0, 2, 1])
    batch = graph.node("Gather", graph.node("Shape", "x"), graph.integers(0))
    size = graph.node("Concat", batch, graph.integers(1, D), axis=0)
    token = graph.node("Expand", graph.tensor("token", parameters["token.Omega"][None]), size)
    at = graph.node("Concat", token, at, axis=1)
    at = graph.node("Add", at, graph.tensor("places", parameters["positional_embedding.Omega"]))
    for number in range(form.depth(parameters)):
        at = _block(graph, at, parameters, f"{form.blocks}.{number}", form, positions)
    at = _norm(graph, at, parameters, "norm", form)
    at = graph.node("Gather", at, graph.tensor("first", np.array(0)), axis=1)
    weight, bias = (graph.tensor(name, parameters[name]) for name in ("head.Omega", "head.beta"))
    graph.node("Gemm", at, weight, bias, transB=1)
    return graph.model(["batch", 3, side, side], ["batch", parameters["head.beta"].shape[0]])


def _norm(graph: OnnxGraph, at: str, parameters: Parameters, name: str, form: Form) -> str:
    gain, offset = (graph.tensor(f"{name}.{role}", parameters[f"{name}.{role}"]) for role in ("gamma", "beta"))
    return graph.node("LayerNormalization", at, gain, offset, epsilon=form.epsilon)


def _affine(graph: OnnxGraph, at: str, name: str, Omega: Array, beta: Array) -> str:
    product = graph.node("MatMul", at, graph.tensor(f"{name}.Omega", Omega.T))
    return graph.node("Add", product, graph.tensor(f"{name}.beta", beta))


def _block(graph: OnnxGraph, at: str, parameters: Parameters, name: str, form: Form, positions: int) -> str:
    """Add a block that norms before it computes."""
    D = parameters[f"{name}.layer_norm.gamma"].shape[0]
    width = D // form.heads
    mixed = _affine(graph, _norm(graph, at, parameters, f"{name}.layer_norm", form), name, *joined(parameters, name))
    heads = []
    for role, part in zip(_ROLES, _thirds(graph, mixed, f"{name}.thirds", D), strict=True):
        apart = graph.node("Reshape", part, graph.integers(0, positions, form.heads, width))
        # keys lie as (batch, heads, width, positions)
        heads.append(graph.node("Transpose", apart, perm=[0, 2, 3, 1] if role == "key" else [0, 2, 1, 3]))
    query, key, value = heads
    scale = graph.tensor("scale", np.array(width**-0.5, np.float32))
    scores = graph.node("MatMul", graph.node("Mul", query, scale), key)
    if form.causal:
        scores = graph.node("Add", scores, "mask")
    seen = graph.node("MatMul", graph.node("Softmax", scores, axis=-1), value)
    seen = graph.node("Reshape", graph.node("Transpose", seen, perm=[0, 2, 1, 3]), graph.integers(0, positions, D))
    attention, mlp = f"{name}.attention", f"{name}.mlp"
    weights = (parameters[f"{attention}.Omega_output"], parameters[f"{attention}.beta_output"])
    at = graph.node("Add", at, _affine(graph, seen, attention, *weights))
    h = _norm(graph, at, parameters, f"{name}.layer_norm_2", form)
    h = _affine(graph, h, f"{mlp}.0", parameters[f"{mlp}.Omega_0"], parameters[f"{mlp}.beta_0"])
    h = graph.node("Gelu", h, approximate=form.gelu)
    return graph.node(
        "Add", at, _affine(graph, h, f"{mlp}.1", parameters[f"{mlp}.Omega_1"], parameters[f"{mlp}.beta_1"])
    )


def _thirds(graph: OnnxGraph, at: str, name: str, D: int) -> Any:
    return graph.split("Split", at, graph.integers(D, D, D), outputs=[f"{name}.{role}" for role in _ROLES], axis=-1)


# -- torch ---------------------------------------------------------------------------------------------------------


def gpt_2_torch(parameters: Parameters, form: Form = GPT_2) -> Any:
    """Return GPT-2 as a module of torch."""
    import torch
    from torch import nn

    def embedding(name: str) -> Any:
        return held(lambda: nn.Embedding(*parameters[name].shape), weight=parameters[name])

    class Gpt2(nn.Module):  # type: ignore[misc]  # torch is not there where types are checked
        def __init__(self) -> None:
            super().__init__()
            self.words, self.places = embedding("words.Omega"), embedding("positional_embedding.Omega")
            self.blocks = torch_blocks(parameters, form)
            self.norm = layer_norm(parameters, "layer_norm", form.epsilon)

        def forward(self, tokens: Any) -> Any:
            h = self.words(tokens) + self.places.weight[: tokens.shape[1]]
            return nn.functional.linear(self.norm(self.blocks(h)), self.words.weight)

    with torch.no_grad():
        return Gpt2()


def vit_torch(parameters: Parameters, form: Form = VIT) -> Any:
    """Return ViT as a module of torch."""
    import torch
    from torch import nn

    class Vit(nn.Module):  # type: ignore[misc]  # as above
        def __init__(self) -> None:
            super().__init__()
            patch = parameters["conv.Omega"].shape[-1]
            self.conv = convolution(parameters, "conv.Omega", "conv.beta", stride=patch)
            self.token = nn.Parameter(torch.tensor(parameters["token.Omega"]))
            self.places = nn.Parameter(torch.tensor(parameters["positional_embedding.Omega"]))
            self.blocks = torch_blocks(parameters, form)
            self.norm = layer_norm(parameters, "norm", form.epsilon)
            self.head = linear(parameters, "head.Omega", "head.beta")

        def forward(self, x: Any) -> Any:
            words = self.conv(x).flatten(2).transpose(1, 2)
            h = torch.cat([self.token.expand(len(x), 1, -1), words], dim=1) + self.places
            return self.head(self.norm(self.blocks(h))[:, 0])

    return Vit()


def torch_blocks(parameters: Parameters, form: Form) -> Any:
    """Return the blocks, each of which norms before it computes."""
    from torch import nn

    class Block(nn.Module):  # type: ignore[misc]  # as above
        def __init__(self, name: str) -> None:
            super().__init__()
            self.norm = layer_norm(parameters, f"{name}.layer_norm", form.epsilon)
            self.norm_2 = layer_norm(parameters, f"{name}.layer_norm_2", form.epsilon)
            Omega, beta = joined(parameters, name)
            self.mixed = linear({"Omega": Omega, "beta": beta}, "Omega", "beta")
            attention, mlp = f"{name}.attention", f"{name}.mlp"
            self.output = linear(parameters, f"{attention}.Omega_output", f"{attention}.beta_output")
            self.mlp = nn.Sequential(
                linear(parameters, f"{mlp}.Omega_0", f"{mlp}.beta_0"),
                nn.GELU(approximate=form.gelu),
                linear(parameters, f"{mlp}.Omega_1", f"{mlp}.beta_1"),
            )

        def forward(self, h: Any) -> Any:
            batch, positions, D = h.shape
            parts = self.mixed(self.norm(h)).view(batch, positions, 3, form.heads, D // form.heads)
            query, key, value = parts.permute(2, 0, 3, 1, 4)
            seen = nn.functional.scaled_dot_product_attention(query, key, value, is_causal=form.causal)
            h = h + self.output(seen.transpose(1, 2).reshape(batch, positions, D))
            return h + self.mlp(self.norm_2(h))

    return nn.Sequential(*(Block(f"{form.blocks}.{number}") for number in range(form.depth(parameters))))
