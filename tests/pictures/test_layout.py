"""The layout: nothing overlaps, parts hold what is theirs, wires go from box to box and through none."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.graph.view import view
from netspec.operations import Graph
from netspec.pictures.layout import ROW_WIDTH, Box, Layout, Rect, Wire, lay_out, lay_out_down
from tests.pictures.networks import branched, checked, specs


def laid_out(graph: Graph) -> tuple[Layout, list[Box], list[Wire]]:
    """Lay out a network with boxes of unlike sizes."""
    seen = view(graph)
    boxes = [
        Box(name, 60.0 + 37 * number % 90, 30.0 + 23 * number % 50, node["parts"])
        for number, (name, node) in enumerate(seen.nodes.items())
    ]
    wires = [Wire(tail, head, operand, 12.0) for tail, head, operand in seen.edges(data="operand")]
    return lay_out(boxes, wires, dict.fromkeys(seen.graph["parts"], 50.0)), boxes, wires


def overlap(one: Rect, other: Rect) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def inside(inner: Rect, outer: Rect) -> bool:
    return (
        outer.x <= inner.x + 0.01
        and inner.x + inner.width <= outer.x + outer.width + 0.01
        and outer.y <= inner.y + 0.01
        and inner.y + inner.height <= outer.y + outer.height + 0.01
    )


def turned(rect: Rect) -> Rect:
    return Rect(rect.y, rect.x, rect.height, rect.width)


def check(layout: Layout, boxes: list[Box], wires: list[Wire]) -> None:
    """Assert the laws of a layout; of one that goes down with the sheet turned, so that it goes to the right."""
    labels = [route.label for route in layout.routes]
    if layout.down:
        boxes = [box._replace(width=box.height, height=box.width) for box in boxes]
        layout = layout._replace(
            boxes={name: turned(rect) for name, rect in layout.boxes.items()},
            parts={name: turned(rect) for name, rect in layout.parts.items()},
            width=layout.height,
            height=layout.width,
        )
    down = layout.down
    sheet = Rect(0, 0, layout.width, layout.height)
    for one, other in combinations(boxes, 2):
        assert not overlap(layout.boxes[one.name], layout.boxes[other.name]), (one.name, other.name)
    for box in boxes:
        rect = layout.boxes[box.name]
        assert (rect.width, rect.height) == (box.width, box.height)
        assert inside(rect, sheet)
        for part, frame in layout.parts.items():
            assert inside(rect, frame) if part in box.parts else not overlap(rect, frame)
        for outer, inner in pairwise(box.parts):
            assert inside(layout.parts[inner], layout.parts[outer])
    for wire, route, label in zip(wires, layout.routes, labels, strict=True):
        tail, head = layout.boxes[wire.tail], layout.boxes[wire.head]
        first, last = route.stops[0], route.stops[-1]
        assert first.left == pytest.approx(tail.x + tail.width)
        assert first.y == pytest.approx(tail.y + tail.height / 2)
        assert last.right == pytest.approx(head.x)
        assert head.y < last.y < head.y + head.height
        if label is not None:
            x, y = label
            words = Rect(x - wire.label / 2, y - 10, wire.label, 12)
            words = turned(words) if down else words
            assert not any(overlap(words, rect) for rect in layout.boxes.values())
        for stop in route.stops:
            assert stop.left <= stop.right + 0.01
            if stop.right - stop.left > 1:
                way = Rect(stop.left + 0.5, stop.y - 0.5, stop.right - stop.left - 1, 1)
                assert not any(overlap(way, rect) for rect in layout.boxes.values())
        for before, after in pairwise(route.stops):
            if after.channel is not None:
                row = Rect(0, after.channel - 0.5, layout.width, 1)
                between = [rect for rect in layout.boxes.values() if overlap(row, rect)]
                assert not any(after.left <= rect.x <= before.right for rect in between)
            else:
                assert before.right <= after.left + 0.01


@settings(max_examples=60, deadline=None)
@given(specs())
def test_networks_that_a_spec_can_say_keep_the_laws(text: str) -> None:
    check(*laid_out(checked(text).graph))


@pytest.mark.parametrize("blocks", [1, 2, 7, 12])
@pytest.mark.parametrize("nested", [False, True])
def test_graphs_with_branches_keep_the_laws(blocks: int, nested: bool) -> None:
    check(*laid_out(branched(blocks, within=branched(3) if nested else None)))


@st.composite
def nests(draw: st.DrawFn) -> tuple[list[Box], list[Wire]]:
    """Draw boxes in a nest of parts and wires that go forward; a part is whole before what follows it begins."""
    parts: list[tuple[str, ...]] = []
    for number, depth in enumerate(draw(st.lists(st.integers(0, 2), min_size=2, max_size=12))):
        stays = draw(st.booleans())
        around = parts[-1] if parts and stays else ()
        kept = around[:depth]
        parts.append((*kept, *(f"{number}.{level}" for level in range(len(kept), depth))))
    boxes = [
        Box(f"n{number}", draw(st.sampled_from([40.0, 90.0, 300.0])), draw(st.sampled_from([20.0, 80.0])), part)
        for number, part in enumerate(parts)
    ]
    wires = [
        Wire(boxes[draw(st.integers(0, head - 1))].name, boxes[head].name, operand, 20.0)
        for head in range(1, len(boxes))
        for operand in range(draw(st.integers(1, 3)))
    ]
    return boxes, wires


@settings(max_examples=200, deadline=None)
@given(nests())
def test_any_nest_of_parts_keeps_the_laws(nest: tuple[list[Box], list[Wire]]) -> None:
    boxes, wires = nest
    titles = {part: 70.0 for box in boxes for part in box.parts}
    check(lay_out(boxes, wires, titles), boxes, wires)
    check(lay_out_down(boxes, wires, titles), boxes, wires)


def test_a_long_chain_is_wrapped_into_rows_of_like_length() -> None:
    boxes = [Box(str(number), 120, 60) for number in range(32)]
    wires = [Wire(tail.name, head.name) for tail, head in pairwise(boxes)]
    layout = lay_out(boxes, wires, {})
    rows: dict[float, int] = {}
    for rect in layout.boxes.values():
        rows[rect.y] = rows.get(rect.y, 0) + 1
    assert list(rows.values()) == [7, 7, 7, 7, 4]
    assert layout.width < ROW_WIDTH + 60


def test_operands_enter_from_top_to_bottom() -> None:
    boxes = [Box("a", 40, 20), Box("b", 40, 20), Box("c", 40, 60)]
    layout = lay_out(boxes, [Wire("b", "c", 1), Wire("a", "c", 0), Wire("a", "c", 2)], {})
    heights = [route.stops[-1].y - layout.boxes["c"].y for route in layout.routes]
    assert heights == [30, 15, 45]


def test_wires_of_one_value_have_one_label() -> None:
    boxes = [Box("a", 40, 20), Box("b", 40, 20), Box("c", 40, 20)]
    layout = lay_out(boxes, [Wire("a", "b"), Wire("a", "c")], {})
    assert [route.label is None for route in layout.routes] == [False, True]
