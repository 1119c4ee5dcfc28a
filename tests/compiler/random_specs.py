"""Networks at random, as the keys of a spec: for laws that hold of every network."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.compiler.programs import ACTIVATIONS

WIDTHS = st.integers(1, 6)
WRITTEN = st.sampled_from(list(ACTIVATIONS.values()))
WORDS = ("y", "no", "null", "true", "NaN", "e1", "x", "class", "None", "beta_0", "In", "T", "k")
NAMES = st.one_of(
    st.from_regex(r"\A[A-Za-z][A-Za-z0-9_]{0,8}\Z").filter(lambda name: name not in ("in", "out")),
    st.sampled_from(WORDS),
)

EXAMPLES = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def bodies(draw: st.DrawFn, inputs: int | None = None, output: int | None = None) -> dict[str, Any]:
    """Return the keys of a fully connected network, its ends of given widths."""
    keys: dict[str, Any] = {"input": inputs or draw(WIDTHS), "output": output or draw(WIDTHS)}
    widths = draw(st.one_of(st.lists(WIDTHS, max_size=5), st.just([3] * 9)))
    if widths and len(set(widths)) == 1 and draw(st.booleans()):
        keys |= {"K": len(widths), "widths": widths[0]}
    elif widths:
        keys["widths"] = widths
    else:
        keys["K"] = 0
    if widths:
        one = st.one_of(WRITTEN, st.lists(WRITTEN, min_size=len(widths), max_size=len(widths)))
        keys["activation"] = draw(one)
    if draw(st.booleans()):
        keys["output_activation"] = draw(WRITTEN)
    return keys


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """Return the keys of a network: fully connected, or a composition that may use its parts twice."""
    keys: dict[str, Any] = {"dtype": draw(st.sampled_from(["float32", "float64"]))}
    if draw(st.booleans()):
        return keys | draw(bodies())
    width = draw(WIDTHS)
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    keys["networks"] = {name: {**draw(bodies(width, width)), "dtype": keys["dtype"]} for name in names}
    keys["compose"] = [*names, *draw(st.lists(st.sampled_from(names), max_size=3))]
    return keys
