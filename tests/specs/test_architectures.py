"""Well-known networks: parameters and multiply-accumulates as published, and the shapes of what leaves.

`tests/torch/specs_compare.py` counts and computes the same networks in PyTorch. What torchvision lists as GFLOPs are
multiply-accumulates.
"""

from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

import netspec
from tests.specs.test_specs import SPECS

FOLDERS = ("language", "million_pixels", "pairs", "recurrent", "vision")


class Case(NamedTuple):
    """A spec, or its variant behind a blank; its parameters, and macs in units of 10^6 where some are published."""

    name: str
    parameters: int
    source: str
    macs: float | None = None
    outputs: str = "1000"


CASES = [
    Case("million_pixels/connected", 10**12 + 2 * 10**6 + 1, "the lecture: 10^6 weights of 10^6 units", outputs="1"),
    Case("million_pixels/convolutional", 10 + 10**6 + 1, "the lecture: one window for all", outputs="1"),
    Case("notebook_10_2", 2050, "Prince, notebook 10.2", outputs="10"),
    Case("vision/lenet_5", 61_706, "torch.nn", outputs="10"),
    Case("vision/alexnet", 61_100_840, "torchvision", 714),
    Case("vision/vgg_16", 138_357_544, "torchvision", 15_470),
    Case("vision/vgg_16 vgg_11", 132_863_336, "torchvision", 7_609),
    Case("vision/vgg_16 vgg_13", 133_047_848, "torchvision", 11_308),
    Case("vision/vgg_16 vgg_19", 143_667_240, "torchvision", 19_632),
    Case("vision/resnet_18", 11_689_512, "torchvision", 1_814),
    Case("vision/resnet_18 resnet_34", 21_797_672, "torchvision", 3_664),
    Case("vision/resnet_50", 25_557_032, "torchvision", 4_089),
    Case("vision/resnet_50 resnet_101", 44_549_160, "torchvision", 7_801),
    Case("vision/resnet_50 resnet_152", 60_192_808, "torchvision", 11_514),
    Case("vision/resnet_50 wide_resnet_50_2", 68_883_240, "torchvision", 11_398),
    Case("vision/resnet_50 resnext_50_32x4d", 25_028_904, "torchvision", 4_230),
    Case("vision/squeeze_excite", 580, "2·64·4 + 4 + 64", outputs="64×H×W"),
    Case("vision/se_resnet_50", 28_088_024, "timm: seresnet50"),
    Case("vision/se_resnet_50 se_resnet_101", 49_326_872, "timm: seresnet101"),
    Case("vision/mobilenet_v2", 3_504_872, "torchvision", 301),
    Case("vision/densenet_121", 7_978_856, "torchvision", 2_834),
    Case("vision/densenet_121 densenet_161", 28_681_000, "torchvision", 7_728),
    Case("vision/densenet_121 densenet_169", 14_149_480, "torchvision", 3_360),
    Case("vision/densenet_121 densenet_201", 20_013_928, "torchvision", 4_291),
    Case("vision/u_net", 31_030_658, "torch.nn", outputs="2×H×W"),
    Case("vision/u_net tiny", 121_658, "torch.nn", outputs="2×H×W"),
    Case("vision/vit_b_16", 86_567_656, "torchvision", 17_564),
    Case("vision/vit_b_16 vit_b_32", 88_224_232, "torchvision", 4_409),
    Case("vision/vit_b_16 vit_l_16", 304_326_632, "torchvision", 61_555),
    Case("vision/vit_b_16 vit_l_32", 306_535_400, "torchvision", 15_378),
    Case("vision/vit_b_16 tiny", 19_810, "torch.nn", outputs="10"),
    Case("language/gpt2", 124_439_808, "transformers: GPT2LMHeadModel", outputs="T×50257"),
    Case("language/gpt2 medium", 354_823_168, "transformers: GPT2LMHeadModel", outputs="T×50257"),
    Case("language/gpt2 large", 774_030_080, "transformers: GPT2LMHeadModel", outputs="T×50257"),
    Case("language/gpt2 xl", 1_557_611_200, "transformers: GPT2LMHeadModel", outputs="T×50257"),
    Case("language/gpt2 tiny", 4_776, "transformers: GPT2LMHeadModel", outputs="T×50"),
    Case("language/bert", 109_482_240, "transformers: BertModel", outputs="T×768 768"),
    Case("language/bert large", 335_141_888, "transformers: BertModel", outputs="T×1024 1024"),
    Case("language/bert tiny", 4_956, "transformers: BertModel", outputs="T×12 12"),
    Case("language/llama_2", 6_738_415_616, "transformers: LlamaForCausalLM", outputs="T×32000"),
    Case("language/llama_2 llama_2_13b", 13_015_864_320, "transformers: LlamaForCausalLM", outputs="T×32000"),
    Case("language/llama_2 llama_2_70b", 68_976_648_192, "transformers: LlamaForCausalLM", outputs="T×32000"),
    Case("language/llama_2 llama_3_8b", 8_030_261_248, "transformers: LlamaForCausalLM", outputs="T×128256"),
    Case("language/llama_2 tiny", 5_520, "transformers: LlamaForCausalLM", outputs="T×50"),
    Case("recurrent/lstm_tagger", 2_165_017, "torch.nn", outputs="T×17"),
    Case("recurrent/lstm_tagger tiny", 1_193, "torch.nn", outputs="T×17"),
    Case("pairs/siamese", 108_801, "torch.nn", outputs="1"),
    Case("pairs/two_tower", 198_304, "torch.nn", outputs="1 16 16"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_network_has_what_is_published(case: Case) -> None:
    path, _, variant = case.name.partition(" ")
    facts = netspec.load(SPECS / f"{path}.yaml", variant=variant or None).facts
    assert facts.parameters == case.parameters
    if case.macs is not None:
        assert isinstance(facts.macs, int)
        assert round(facts.macs / 10**6) == case.macs
    assert " ".join("×".join(map(str, shape)) for shape in facts.outputs.values()) == case.outputs


def test_every_network_and_variant_stands_in_the_table() -> None:
    names = []
    for path in [SPECS / "notebook_10_2.yaml", *(p for folder in FOLDERS for p in (SPECS / folder).rglob("*.yaml"))]:
        name = path.relative_to(SPECS).with_suffix("").as_posix()
        names += [name, *(f"{name} {variant}" for variant in _variants(path))]
    assert sorted(names) == sorted(case.name for case in CASES)


def _variants(path: Path) -> list[str]:
    return list(yaml.safe_load(path.read_text(encoding="utf-8")).get("variants", {}))


def test_full_connection_takes_a_million_weights_where_a_convolution_takes_one() -> None:
    """The lecture's argument: as many hidden units, and a millionth of the parameters."""
    connected, convolutional = (
        netspec.load(SPECS / "million_pixels" / f"{name}.yaml").facts for name in ("connected", "convolutional")
    )
    assert connected.capacity == convolutional.capacity == 10**6
    assert connected.parameters // convolutional.parameters == 999_991


def test_a_network_used_twice_counts_once_and_a_block_twice() -> None:
    siamese, two_tower = (netspec.load(SPECS / "pairs" / f"{name}.yaml") for name in ("siamese", "two_tower"))
    assert sorted(siamese.shapes) == [
        "dense.Omega", "dense.beta", "tower.Omega_0", "tower.Omega_1", "tower.beta_0", "tower.beta_1",
    ]  # fmt: skip
    assert two_tower.shapes["user_vector.embedding.Omega"] == (1000, 32)
    assert two_tower.shapes["item_vector.embedding.Omega"] == (5000, 32)
