"""Drawn parameters: the same bytes everywhere, the right distributions, and a stream of its own for each tensor."""

import math
import time
from hashlib import sha256
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from netspec.layers import inits
from netspec.model import drawing
from netspec.model.drawing import CONSTANTS, INITS, centred, draw, fill
from netspec.model.tensors import FILLS

GOLDEN = [
    ("Omega_0", (3, 1), 1, 3, "he_normal", 0, "float32", "a4a1676c604d5782"),
    ("Omega_1", (256, 300), 300, 256, "glorot_normal", 0, "float32", "0c9bb24ce0985dbe"),
    ("Omega_1", (256, 300), 300, 256, "glorot_normal", 0, "float64", "aa73a251e4f8d942"),
    ("stem.Omega", (6, 1, 5, 5), 25, 150, "lecun_uniform", 7, "float32", "11eb852b7d34230b"),
    ("res.2.branch.Omega", (70_000,), 64, 64, "he_uniform", 10**17, "float64", "b77a7e8939331935"),
    ("w", (70_000,), 64, 64, "lecun_normal", -1, "float32", "878fb0d42501482d"),
    ("w", (2, 2), 2, 2, "glorot_uniform", 1, "float64", "6ead3ce322d0aac0"),
    ("beta_0", (5,), 1, 5, "zeros", 0, "float64", "2c34ce1df23b838c"),
]
"""Arguments of `draw` and how the SHA-256 of the little-endian bytes begins. They change only with the version tag."""


def normal(size: int, name: str = "w", seed: int = 0) -> NDArray[np.float64]:
    """Return standard normal numbers: he_normal with fan_in 2."""
    return draw(name, (size,), 2, 2, "he_normal", seed, np.float64)


def quantiles(q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the quantiles of 1/2 + q, block by block."""
    normal = drawing._Normal()
    blocks = [normal.quantiles(q[i : i + drawing._BLOCK]).copy() for i in range(0, q.size, drawing._BLOCK)]
    return np.concatenate(blocks)


def quantile(q: float) -> float:
    """Return what `quantiles` gives for one number, in Python's floats, operation by operation: its plain twin."""

    def polynomial(coefficients: tuple[float, ...], x: float) -> float:
        total = x * coefficients[0]
        for coefficient in coefficients[1:-1]:
            total = (total + coefficient) * x
        return total + coefficients[-1]

    r = 0.180625 - q * q
    if r >= 0.0:
        return polynomial(drawing._A, r) / polynomial(drawing._B, r) * q
    m, exponent = math.frexp(0.5 - abs(q))
    if m < math.sqrt(0.5):
        m, exponent = 2 * m, exponent - 1
    s = (m - 1.0) / (m + 1.0)
    log = polynomial(drawing._ARTANH, s * s) * s + exponent * drawing._LN2_LOW + exponent * drawing._LN2_HIGH
    r = math.sqrt(-log)
    if r > 5.0:
        z = polynomial(drawing._E, r - 5.0) / polynomial(drawing._F, r - 5.0)
    else:
        z = polynomial(drawing._C, r - 1.6) / polynomial(drawing._D, r - 1.6)
    return math.copysign(z, q)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: f"{golden[0]}-{golden[4]}-{golden[6]}")
def test_the_bytes_are_the_published_ones(golden: tuple[Any, ...]) -> None:
    *arguments, digest = golden
    tensor = draw(*arguments)
    assert tensor.shape == arguments[1]
    assert tensor.dtype == arguments[6]
    little = tensor.astype(tensor.dtype.newbyteorder("<"))
    assert sha256(little.tobytes()).hexdigest()[:16] == digest


def test_float32_is_float64_rounded_once() -> None:
    wide = draw("w", (1000,), 50, 50, "he_normal", 3, np.float64)
    assert np.array_equal(draw("w", (1000,), 50, 50, "he_normal", 3, np.float32), wide.astype(np.float32))


@pytest.mark.parametrize("init", sorted(INITS))
def test_chunks_join_to_the_tensor_and_a_longer_one_begins_alike(init: str) -> None:
    shape = (3, 50_001)
    chunks = list(fill("w", shape, 9, 4, init, 5, np.float32))
    assert [chunk.size for chunk in chunks] == [65_536, 65_536, 150_003 - 2 * 65_536]
    whole = draw("w", shape, 9, 4, init, 5, np.float32)
    assert np.array_equal(np.concatenate(chunks), whole.ravel())
    for size in (1, 7, 16_383, 16_385, 65_537):
        assert np.array_equal(draw("w", (size,), 9, 4, init, 5, np.float32), whole.ravel()[:size])


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = normal(100_000)
    monkeypatch.setattr(drawing, "_BLOCK", 1000)
    monkeypatch.setattr(drawing, "_CHUNK", 3500)
    assert np.array_equal(normal(100_000), expected)


def test_arrays_give_what_python_gives_operation_by_operation() -> None:
    """No operation is fused, reordered or done in another precision by the arrays' code for this machine."""
    stream = np.random.PCG64(1)
    ends = 0.5 - 2.0 ** -np.arange(2.0, 54.0)
    q = np.concatenate([centred(stream.random_raw(20_000)), ends, -ends])
    assert quantiles(q).tolist() == [quantile(value) for value in q.tolist()]


def test_every_word_gives_a_finite_number() -> None:
    words = np.array([0, 1, 2**63 - 1, 2**63, 2**64 - 2**11, 2**64 - 1], np.uint64)
    q = centred(words)
    half, least = 0.5 - 2.0**-53, 2.0**-53
    assert q.tolist() == [-half, -half, -least, least, half, half]
    z = quantiles(q)
    assert np.isfinite(z).all()
    assert np.array_equal(z, -z[::-1])
    assert z[-1] == pytest.approx(8.2095361516013856, rel=1e-14)


def test_tails_and_middle_agree_with_the_standard_library() -> None:
    tails = np.array([2.0**-k * odd for k in range(3, 50) for odd in (1.0, 1.25, 1.75)])
    p = np.concatenate([tails[tails < 0.5], np.linspace(0.01, 0.49, 97)])
    expected = np.array([NormalDist().inv_cdf(value) for value in p.tolist()])
    np.testing.assert_allclose(quantiles(p - 0.5), expected, rtol=1e-9)
    np.testing.assert_allclose(quantiles(p - 0.5), expected, rtol=2e-15, atol=1e-17)


def test_logarithms_agree_with_the_standard_library() -> None:
    p = np.concatenate([2.0 ** -np.linspace(3.7, 53, 2001), np.linspace(0.001, 0.075, 500)])
    np.testing.assert_allclose(drawing._log(p), np.array([math.log(value) for value in p.tolist()]), rtol=4e-16)


def test_a_million_normal_numbers_are_normal() -> None:
    """Moments within five standard errors, and the Kolmogorov-Smirnov distance below its 10^-4 quantile."""
    size = 1_000_000
    z = normal(size)
    assert abs(z.mean()) < 5 / math.sqrt(size)
    assert abs((z**2).mean() - 1) < 5 * math.sqrt(2 / size)
    assert abs((z**3).mean()) < 5 * math.sqrt(15 / size)
    assert abs((z**4).mean() - 3) < 5 * math.sqrt(96 / size)
    ranks = np.arange(size + 1) / size
    z.sort()
    below = np.array([math.erfc(-value / math.sqrt(2)) / 2 for value in z.tolist()])
    distance = max((ranks[1:] - below).max(), (below - ranks[:-1]).max())
    assert distance < 2.23 / math.sqrt(size)


def test_a_million_uniform_numbers_are_uniform() -> None:
    size = 1_000_000
    u = draw("w", (size,), 3, 7, "lecun_uniform", 0, np.float64)  # on (-1, 1)
    ranks = np.arange(size + 1) / size
    u.sort()
    below = (u + 1) / 2
    assert max((ranks[1:] - below).max(), (below - ranks[:-1]).max()) < 2.23 / math.sqrt(size)
    assert -1 < u[0] < -0.99999
    assert 0.99999 < u[-1] < 1


@pytest.mark.parametrize(
    ("init", "variance"),
    [
        ("he_normal", 2 / 30),
        ("he_uniform", 2 / 30),
        ("glorot_normal", 2 / 100),
        ("glorot_uniform", 2 / 100),
        ("lecun_normal", 1 / 30),
        ("lecun_uniform", 1 / 30),
        ("zeros", 0.0),
    ],
)
def test_the_variance_is_the_source_s(init: str, variance: float) -> None:
    values = draw("w", (200_000,), 30, 70, init, 0, np.float64)
    assert values.var() == pytest.approx(variance, rel=0.02)
    if init.endswith("uniform"):
        assert abs(values).max() <= math.sqrt(3 * variance)


def test_each_tensor_has_its_own_stream() -> None:
    drawn = {(name, seed): normal(20_000, name, seed) for name in ("a", "b", "a.b", "beta") for seed in (0, 1, 10)}
    pairs = list(drawn.values())
    for i, first in enumerate(pairs):
        for second in pairs[:i]:
            assert abs(np.corrcoef(first, second)[0, 1]) < 5 / math.sqrt(20_000)
    assert not np.array_equal(normal(5, "1\nw", 1), normal(5, "w", 11))


def test_fans_scale_the_same_numbers() -> None:
    assert np.array_equal(draw("w", (99,), 8, 1, "he_normal", 0, np.float64) * 2, normal(99))


def test_the_names_are_those_that_a_spec_may_say() -> None:
    """And those of tensors that are not drawn, which say so themselves."""
    assert tuple(INITS)[: len(inits.INITS)] == inits.INITS
    assert set(INITS) == {*inits.INITS, *FILLS} == {*inits.INITS, *CONSTANTS}


def test_what_is_not_drawn_is_one_number() -> None:
    for init, value in CONSTANTS.items():
        assert np.array_equal(draw("w", (70_000, 2), 0, 0, init, 3, np.float32), np.full((70_000, 2), value, "f4"))


@pytest.mark.parametrize(
    ("activation", "init"),
    [("relu", "he_normal"), ("leaky_relu", "glorot_normal"), ("tanh", "glorot_normal"), (None, "glorot_normal")],
)
def test_the_default_follows_the_activation(activation: str | None, init: str) -> None:
    assert inits.default_init(activation) == init


def test_an_unknown_init_and_another_dtype_are_refused() -> None:
    with pytest.raises(ValueError, match="no init is called 'he'; there are he_normal, he_uniform"):
        fill("w", (1,), 1, 1, "he", 0, np.float32)
    with pytest.raises(ValueError, match="float32 or float64, not float16"):
        draw("w", (1,), 1, 1, "he_normal", 0, np.float16)


def test_a_million_normal_numbers_take_a_few_hundredths_of_a_second() -> None:
    """10^8 are to take less than 6 s of a core: counted in processor time, with a slack of five."""
    start = time.process_time()
    for _ in fill("w", (10**6,), 9, 9, "he_normal", 0, np.float32):
        pass
    assert time.process_time() - start < 0.3
