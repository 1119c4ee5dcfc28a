"""Line charts as SVG: both axes logarithmic, the same text for the same numbers."""

import math
from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import Final, NamedTuple

_WIDTH, _HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 532, 40, 312  # the frame; the lines' names stand to the right of it
_COLORS: Final = ("#440154", "#414487", "#2a788e", "#22a884", "#7ad151", "#c2a400", "#d1603d", "#8c2d5a")
_FONT: Final = 'font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#222"'
_NAMES_APART: Final = 15.0


class Line(NamedTuple):
    """A line: its name, and its points from left to right, (x, y), all above 0."""

    name: str
    points: Sequence[tuple[float, float]]


class Chart(NamedTuple):
    """A picture: the stem of its file, its title, what its axes say, and its lines."""

    stem: str
    title: str
    x: str
    y: str
    lines: Sequence[Line]


class _Scale(NamedTuple):
    """A logarithmic axis: the values at its ends, and where on the sheet these lie."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)


def svg(chart: Chart) -> str:
    """Return the chart as the text of an SVG file; a dashed line marks 1, where both are as fast."""
    values = [point for line in chart.lines for point in line.points]
    x = _Scale(*_ends([a for a, _ in values], 4), _LEFT, _RIGHT)
    y = _Scale(*_ends([1.0, *(b for _, b in values)], 2), _BOTTOM, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" {_FONT}>',
        f"<title>{escape(chart.title)}</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        _text((_LEFT + _RIGHT) / 2, 22, chart.title, "middle", ' font-size="14"'),
        _text((_LEFT + _RIGHT) / 2, _HEIGHT - 12, chart.x, "middle"),
        _text(14, (_TOP + _BOTTOM) / 2, chart.y, "middle", f' transform="rotate(-90 14 {_n((_TOP + _BOTTOM) / 2)})"'),
        *_grid(x, y),
    ]
    heights = _apart([y.at(line.points[-1][1]) for line in chart.lines])
    for number, (line, height) in enumerate(zip(chart.lines, heights, strict=True)):
        color = _COLORS[number % len(_COLORS)]
        places = [(x.at(a), y.at(b)) for a, b in line.points]
        path = " ".join(f"{_n(a)},{_n(b)}" for a, b in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{_n(a)}" cy="{_n(b)}" r="3" fill="{color}"/>' for a, b in places]
        parts.append(_text(_RIGHT + 10, height + 4, line.name, "start", f' fill="{color}"'))
    return "\n".join([*parts, "</svg>", ""])


def _ends(values: Sequence[float], base: int) -> tuple[float, float]:
    """Return the powers of the base that enclose the values, two different ones."""
    low = math.floor(math.log(min(values), base) + 1e-9)
    high = math.ceil(math.log(max(values), base) - 1e-9)
    return float(base) ** low, float(base) ** max(high, low + 1)


def _grid(x: _Scale, y: _Scale) -> list[str]:
    """Return the rules behind the lines, with the values that they stand for."""
    parts = []
    for value in _powers(x, 4):
        at = _n(x.at(value))
        parts.append(f'<path d="M{at} {_TOP}V{_BOTTOM}" stroke="#e4e4e4"/>')
        parts.append(_text(x.at(value), _BOTTOM + 18, f"{value:,.0f}", "middle"))
    for value in _powers(y, 2):
        look = 'stroke="#222" stroke-dasharray="5 4"' if value == 1 else 'stroke="#e4e4e4"'
        parts.append(f'<path d="M{_LEFT} {_n(y.at(value))}H{_RIGHT}" {look}/>')
        parts.append(_text(_LEFT - 8, y.at(value) + 4, f"{value:g}", "end"))
    return parts


def _powers(scale: _Scale, base: int) -> list[float]:
    count = round(math.log(scale.high / scale.low, base))
    return [scale.low * base**power for power in range(count + 1)]


def _apart(heights: Sequence[float]) -> list[float]:
    """Return the heights of names, moved down as far as it takes that none stands on another; all may move up then."""
    order = sorted(range(len(heights)), key=lambda number: heights[number])
    moved = list(heights)
    for above, below in pairwise(order):
        moved[below] = max(moved[below], moved[above] + _NAMES_APART)
    over = max(0.0, max(moved) - _BOTTOM)
    return [height - over for height in moved]


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}"{more}>{escape(text)}</text>'


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
