"""Each form of a model is one function of arrays: what one takes the others take, and what one refuses so do they."""

import ast
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from netspec.model import Model
from netspec.model.module import module_text
from netspec.network import Network
from netspec.runtime.archive import Archive
from tests.compiler.test_source import ATTRIBUTES, NODES, NUMBERED, WORDS, without_kernels
from tests.model.specs import tile_of

Form = Callable[[Any], Any]

MODELS: Final[dict[str, Model]] = {
    f"{inputs} to {outputs} in {dtype}": Network(
        input=inputs, widths=[4, 3], output=outputs, dtype=dtype, activation="tanh"
    ).build(seed=inputs)
    for inputs, outputs in ((1, 1), (1, 3), (3, 1), (2, 2), (3, 2))
    for dtype in ("float32", "float64")
}
BESIDE: Final = Network(input=3, widths=[400], output=2).build()
"""A model whose values are not written into its module."""


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[Form, ...]]:
    """The program in memory, the module and the archive's own program, for each model."""
    folder = tmp_path_factory.mktemp("forms")
    found: dict[str, tuple[Form, ...]] = {}
    for name, model in {**MODELS, "beside": BESIDE}.items():
        path = folder / f"{name.replace(' ', '_')}.py"
        model.save(str(path))
        archive = path.with_suffix(".pyz")
        model.save(str(archive))
        namespace: dict[str, Any] = {"__name__": "shipped", "__file__": str(path)}
        exec(compile(path.read_text(encoding="utf-8"), path, "exec"), namespace)
        found[name] = (model.program, namespace["network"], Archive(str(archive)).program())
    return found


def said(form: Form, x: object) -> tuple[object, ...]:
    """Return what a form makes of x: dtype, shape and bytes of y, or that x is refused."""
    try:
        y = form(x)
    except ValueError:
        return ("refused",)
    return y.dtype, y.shape, y.tobytes()


def agree(forms: tuple[Form, ...], x: object) -> bool:
    """Assert that all forms say the same of x; return whether they take it."""
    first, *others = (said(form, x) for form in forms)
    assert [first] * len(others) == others, x
    return first != ("refused",)


DTYPES: Final = (
    "?",
    "i1",
    "u1",
    "i4",
    "u8",
    "f2",
    "f4",
    "f8",
    ">f4",
    ">f8",
    "g",
    "c8",
    "c16",
    "O",
    "U3",
    "S3",
    "M8[s]",
)


@pytest.mark.parametrize("name", [*MODELS, "beside"])
@settings(max_examples=150, deadline=None)
@given(
    shape=st.lists(st.integers(0, 4), max_size=3).map(tuple) | st.sampled_from([(1,), (3,), (5, 1), (5, 2), (5, 3)]),
    dtype=st.sampled_from(DTYPES),
    seed=st.integers(0, 9),
    order=st.sampled_from("CF"),
    nested=st.booleans(),
)
def test_all_forms_take_and_refuse_the_same(
    forms: Mapping[str, tuple[Form, ...]],
    name: str,
    shape: tuple[int, ...],
    dtype: str,
    seed: int,
    order: Any,
    nested: bool,
) -> None:
    x = np.random.default_rng(seed).integers(0, 100, shape).astype(dtype, order=order)
    agree(forms[name], x.tolist() if nested else x)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_of_one_number_takes_numbers(forms: Mapping[str, tuple[Form, ...]], dtype: str) -> None:
    found = forms[f"1 to 1 in {dtype}"]
    numbers = np.linspace(-1, 1, 5)
    x: object
    for x in (numbers, numbers[:, None], numbers[2], 0.5, 1, True, [], np.zeros((0, 1)), numbers[::-2]):
        assert agree(found, x)
        assert all(form(x).shape == np.shape(x) for form in found)
    for refused in ([[[1.0]]], np.zeros((1, 5)), np.zeros((5, 0)), [[1, 2], [3]]):
        assert not agree(found, refused)


@pytest.mark.parametrize("name", [*MODELS, "beside"])
@pytest.mark.parametrize("x", ["1", ["1"], 1j, [1j], None, [None], {}, b"1", [{}], [[1], [2, 3]]], ids=repr)
def test_what_is_no_real_number_is_refused_by_every_form(
    forms: Mapping[str, tuple[Form, ...]], name: str, x: object
) -> None:
    assert not agree(forms[name], x)


def test_batches_around_the_tile_are_the_same(forms: Mapping[str, tuple[Form, ...]]) -> None:
    tile = tile_of(BESIDE)
    for rows in (0, 1, tile - 1, tile, tile + 1, 2 * tile + 3):
        x: NDArray[Any] = np.random.default_rng(rows).normal(0, 1, (3, rows)).T
        assert agree(forms["beside"], x)


def test_the_text_of_a_module_is_short_and_holds_what_is_on_the_list_alone() -> None:
    nodes = NODES | {
        ast.If, ast.GtE, ast.Raise, ast.BoolOp, ast.Or, ast.Compare, ast.NotIn, ast.NotEq, ast.Lt, ast.In,
        ast.Sub, ast.Mod, ast.List, ast.JoinedStr, ast.FormattedValue, ast.Starred, ast.With, ast.withitem, ast.Dict,
        ast.DictComp,
    }  # fmt: skip
    attributes = ATTRIBUTES | {
        "array", "asarray", "dtype", "kind", "ndim", "require", "shape", "load", "files", "path", "join", "dirname",
        "abspath",
    }  # fmt: skip
    words = WORDS | {
        "network", "PARAMETERS", "TENSORS", "ValueError", "len", "min", "max", "start", "part",
        "result", "os", "__file__", "_FILE", "_arrays", "_name",
    }  # fmt: skip
    for model in (*MODELS.values(), BESIDE):
        text = without_kernels(module_text(model, "beside.npz" if model is BESIDE else None))
        assert len(text[text.index("def network") :].splitlines()) <= 20
        for node in ast.walk(ast.parse(text)):
            assert type(node) in nodes
            if isinstance(node, ast.Name):
                assert node.id in words or NUMBERED.match(node.id), node.id
            elif isinstance(node, ast.Attribute):
                assert node.attr in attributes, node.attr
            elif isinstance(node, ast.alias):
                assert (node.name, node.asname) in (("numpy", "np"), ("os", None))
