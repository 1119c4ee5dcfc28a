"""Random networks of layers on one axis: residual blocks, repeats within repeats, shared networks, ties."""

from typing import Any

from hypothesis import strategies as st

Keys = dict[str, Any]

PARTS: Keys = {
    "blocks": {
        "res": {
            "hyperparameters": {"inner": {"default": 3, "min": 1, "max": 9}},
            "symbols": ["C"],
            "input": ["C"],
            "layers": [
                {"dense": {"width": "inner + C", "activation": "relu"}},
                {"dense": {"width": "C", "as": "branch"}},
                {"add": ["branch", "in"]},
            ],
        },
        "twin": {
            "networks": {"own": {"input": 4, "widths": [2], "output": 4}},
            "layers": [{"own": {"as": "once"}}, {"own": {"from": "in", "as": "again"}}, {"add": ["once", "again"]}],
        },
        "pair": {"layers": [{"res": {"as": "first"}}, {"res": {"inner": 2, "as": "second"}}]},
        "uses": {"layers": ["tower", {"res": {"inner": 1}}]},
    },
    "networks": {"tower": {"input": 4, "K": 3, "widths": 5, "output": 4}},
}


@st.composite
def layers(draw: st.DrawFn, depth: int = 2) -> list[Any]:
    """Return a list of layers that keeps a width of 4."""
    items: list[Any] = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["dense", "relu", "res", "twin", "tower", "pair", "uses", "repeat", "tanh"]))
        if kind == "dense":
            items.append({"dense": {"width": 4, "bias": draw(st.booleans())}})
        elif kind == "repeat":
            if depth:
                items.append({"repeat": {"times": draw(st.integers(0, 4)), "layers": draw(layers(depth - 1))}})
        else:
            items.append(kind)
    return items or ["tanh"]


@st.composite
def networks(draw: st.DrawFn) -> Keys:
    """Return the keys of a network of layers; what it does not use of PARTS gives warnings alone."""
    tied = draw(st.booleans())
    items = [{"dense": {"width": 4, "as": "start"}}, *draw(layers())]
    if tied:
        items.append({"dense": {"width": 4, "tie": {"Omega": "start.Omega"}}})
    return {"netspec": 1, "input": 4, **PARTS, "layers": items, "output": 4}


def written_out(items: list[Any]) -> list[Any]:
    """Return the list with the rounds of its repeats one after the other: another text for the same architecture."""
    found: list[Any] = []
    for item in items:
        if isinstance(item, dict) and "repeat" in item:
            found += written_out(item["repeat"]["layers"]) * item["repeat"]["times"]
        else:
            found.append(item)
    return found
