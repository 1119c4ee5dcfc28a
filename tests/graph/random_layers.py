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


WIRED: Keys = {
    "blocks": {
        "same": {"layers": ["dropout"]},
        "late": {
            "inputs": ["p", "q"],
            "layers": [{"dense": {"from": "p", "width": 4, "as": "u"}}, {"add": ["u", "q"]}],
        },
        "spare": {"inputs": ["p", "q"], "layers": [{"relu": {"from": "p"}}]},
        "swap": {
            "inputs": ["p", "q"],
            "layers": [
                {"tanh": {"from": "p", "as": "v"}},
                {"dense": {"width": 9, "as": "w"}},
                {"dropout": {"from": "q", "as": "u"}},
            ],
            "outputs": ["u", "v", "w"],
        },
    },
    "networks": {"tower": {"input": 4, "K": 3, "widths": 5, "output": 4}},
}


@st.composite
def wired(draw: st.DrawFn, seen: tuple[str, ...] = ("in", "start"), depth: int = 2) -> list[Any]:
    """Return a list of layers that keeps a width of 4 and reads what stands above, in repeats what stands around."""
    items: list[Any] = []
    prefix = f"v{depth}_{len(seen)}"
    for number in range(draw(st.integers(1, 5))):
        name = f"{prefix}_{number}"
        one, other = draw(st.sampled_from(seen)), draw(st.sampled_from(seen))
        kind = draw(
            st.sampled_from(["wide", "relu", "dropout", "add", "late", "spare", "swap", "same", "tower", "repeat"])
        )
        if kind == "wide":
            width = draw(st.sampled_from([1, 9, 30]))
            items += [{"dense": {"width": width, "from": one}}, {"dense": {"width": 4, "as": name}}]
        elif kind == "add":
            items.append({"add": {"from": [one, other], "as": name}})
        elif kind in ("late", "spare", "swap"):
            items.append({kind: {"from": {"p": one, "q": other}, "as": name}})
            if kind == "swap":
                items.append({"add": {"from": [f"{name}.{draw(st.sampled_from('uv'))}", one], "as": f"{name}_s"}})
                name = f"{name}_s"
        elif kind == "repeat":
            if not depth:
                continue
            inner = draw(wired((*seen, "start"), depth - 1))
            items.append({"repeat": {"times": draw(st.integers(1, 4)), "from": one, "as": name, "layers": inner}})
        else:
            items.append({kind: {"from": one, "as": name}})
        seen = (*seen, name)
    return items or [{"tanh": {"from": draw(st.sampled_from(seen))}}]


@st.composite
def wired_networks(draw: st.DrawFn) -> Keys:
    """Return the keys of a network whose layers read what stands anywhere above; what nobody reads gives warnings."""
    items = [{"dense": {"width": 4, "as": "start"}}, *draw(wired())]
    return {"netspec": 1, "input": 4, **WIRED, "layers": items, "output": 4}


def written_out(items: list[Any]) -> list[Any]:
    """Return the list with the rounds of its repeats one after the other: another text for the same architecture."""
    found: list[Any] = []
    for item in items:
        if isinstance(item, dict) and "repeat" in item:
            found += written_out(item["repeat"]["layers"]) * item["repeat"]["times"]
        else:
            found.append(item)
    return found
