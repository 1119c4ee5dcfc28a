"""Specs with comments, blank lines and line ends at random places, and files of random keys and values."""

from typing import Any

from hypothesis import strategies as st

from netspec.spec.yaml_text import write
from tests.strategies import Files, specs

_BREAKS = "[{,]}"


@st.composite
def disturbed(draw: st.DrawFn, text: str) -> str:
    """Draw a text with comments, blank lines and line ends put into it; some of them may make it no YAML any more."""
    lines = text.split("\n")
    for number in range(draw(st.integers(0, 8))):
        i = draw(st.integers(0, len(lines) - 1))
        comment = f"# comment {number}" + draw(st.sampled_from(["", " # twice", ": [x", " 'open"]))
        kind = draw(st.sampled_from(["above", "blank", "behind", "break", "break"]))
        if kind == "above":
            lines.insert(i, " " * draw(st.integers(0, 8)) + comment)
        elif kind == "blank":
            lines[i:i] = [""] * draw(st.integers(1, 3))
        elif kind == "behind":
            lines[i] += " " * draw(st.integers(1, 9)) + comment
        elif (places := [j for j, letter in enumerate(lines[i]) if letter in _BREAKS]) and "#" not in lines[i]:
            place = draw(st.sampled_from(places))
            place += lines[i][place] in "[{,"
            behind = draw(st.sampled_from(["", f" {comment}"]))
            rest = " " * draw(st.integers(2, 20)) + lines[i][place:].lstrip(" ")
            lines[i : i + 1] = [lines[i][:place] + behind, rest]
    return "\n".join(lines)


@st.composite
def commented_specs(draw: st.DrawFn) -> Files:
    """Draw files that say some network, with comments in them."""
    files = draw(specs())
    return {name: draw(disturbed(text)) for name, text in files.items()}


def _texts() -> st.SearchStrategy[str]:
    words = [
        "a",
        "b c",
        "2*D",
        "1.0",
        "0x10",
        "yes",
        "y",
        "- a",
        "a: b",
        "a #b",
        "é",
        "β",
        "it's",
        '"',
        "\\",
        "x,y",
        "[",
        "?",
    ]
    return st.lists(st.sampled_from([*words, "\n", "\n\n", " ", "\t"]), max_size=6).map("".join)


_KEYS = (
    st.sampled_from(
        [
            *(
                "layers",
                "from",
                "as",
                "dense",
                "width",
                "expect",
                "variants",
                "blocks",
                "name",
                "tie",
                "shape",
                "default",
                "min",
            )
        ]
    )
    | _texts()
)
_SCALARS = st.booleans() | st.integers(-1000, 1000) | st.floats(-10, 10) | _texts()


@st.composite
def other_files(draw: st.DrawFn) -> str:
    """Draw the text of a file of any keys and values, in block style or in brackets, with comments in it."""
    values: st.SearchStrategy[Any] = st.recursive(
        _SCALARS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
        max_leaves=20,
    )
    return draw(disturbed(write({"netspec": 1, **draw(st.dictionaries(_KEYS, values, max_size=5))})))
