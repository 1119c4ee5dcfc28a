"""Free sizes as texts, so that the value of a text for numbers is the oracle for what arithmetic makes of it."""

from typing import Final, NoReturn

from hypothesis import reject
from hypothesis import strategies as st

from netspec.sizes import ExpressionFault, Polynomial, Size, SizeFault, parse, symbol

H, W, T = symbol("H"), symbol("W"), symbol("T")
FREE: Final[dict[str, Polynomial]] = {"H": H, "W": W, "T": T}

POINTS = st.fixed_dictionaries(dict.fromkeys(FREE, st.integers(1, 50)))


def texts(names: str = "HWT", most: int = 6, leaves: int = 8) -> st.SearchStrategy[str]:
    """Return texts over some symbols, with divisors of up to `most`."""
    divisors = st.integers(1, most)
    return st.recursive(
        st.integers(-9, 9).map(str) | st.sampled_from(names) | st.sampled_from(names),
        lambda inner: (
            st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda parts: "({} {} {})".format(*parts))
            | st.tuples(inner, st.sampled_from(["//", "%"]), divisors).map(lambda parts: "({} {} {})".format(*parts))
            | st.tuples(inner, st.integers(0, 3)).map(lambda parts: "({})**{}".format(*parts))
        ),
        max_leaves=leaves,
    )


def size(text: str) -> Size:
    """Return the free size that a text means, with integers as long as coefficients may be."""
    return parse(text, digits=60).evaluate(FREE, digits=60)


def attempt(text: str) -> Size:
    """Return the free size that a drawn text means; what is beyond the bounds is no example."""
    try:
        return size(text)
    except ExpressionFault as fault:
        leave(fault)


def leave(fault: ExpressionFault | SizeFault) -> NoReturn:
    """Leave the example of a size beyond the bounds; any other fault is one of the test."""
    if fault.code != "size-too-complex":
        raise fault
    reject()
