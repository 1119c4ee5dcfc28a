"""The sheet that drawings stand on: an SVG document with its own colours for light and dark, a title and totals."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final, NamedTuple

from netspec.pictures import lettering

MARGIN: Final = 28.0
NAME_SIZE: Final = 20.0
TEXT_SIZE: Final = 13.0
_LINE: Final = 22.0


class Colour(NamedTuple):
    """One property of what a selector matches, in the light and in the dark."""

    selector: str
    property: str
    light: str
    dark: str


COLOURS: Final = (
    Colour(".sheet", "fill", "#ffffff", "#10151d"),
    Colour("text", "fill", "#1b2330", "#e8edf4"),
    Colour("text.faint", "fill", "#525c6b", "#a3afbf"),
    Colour("text.mark", "fill", "#7a3fb8", "#c49cf5"),
    Colour("text.halo", "stroke", "#ffffff", "#10151d"),
    Colour("text.badge", "fill", "#1f5796", "#8cc0f5"),
    Colour(".wire", "stroke", "#728198", "#75849a"),
    Colour(".tip", "fill", "#728198", "#75849a"),
    # A layer with an activation, one without, an activation that stands alone; what comes in and leaves; what is not
    # drawn.
    Colour(".hidden", "fill", "#e3effd", "#16304d"),
    Colour(".hidden", "stroke", "#2f6fb8", "#5b9ee6"),
    Colour(".affine", "fill", "#e6f4ea", "#17352a"),
    Colour(".affine", "stroke", "#3a8455", "#58b283"),
    Colour(".lone", "fill", "#fcf1d9", "#3a2c12"),
    Colour(".lone", "stroke", "#a36a12", "#d9a441"),
    Colour(".end", "fill", "#eef0f4", "#232b37"),
    Colour(".end", "stroke", "#6b7686", "#8b98a9"),
    Colour(".part", "fill", "#f6f8fb", "#161d27"),
    Colour(".part", "stroke", "#b9c3d0", "#445064"),
    Colour(".part.odd", "fill", "#ebeff5", "#1f2835"),
    Colour(".part.shared", "stroke", "#a06fd6", "#9a6fd0"),
)

_SHAPES: Final = f"""\
svg.netspec text {{ font: {TEXT_SIZE:g}px ui-sans-serif, system-ui, sans-serif }}
svg.netspec text.name {{ font-size: {NAME_SIZE:g}px; font-weight: 700 }}
svg.netspec text.title {{ font: italic 600 17px ui-serif, serif }}
svg.netspec text.frame {{ font-weight: 600 }}
svg.netspec text.small {{ font-size: 12px }}
svg.netspec text.badge {{ font-size: 12px; font-weight: 700 }}
svg.netspec text.middle {{ text-anchor: middle }}
svg.netspec text.flush {{ text-anchor: end }}
svg.netspec .sub {{ font-size: {lettering.SUBSCRIPT:g}em; font-style: normal }}
svg.netspec .box {{ stroke-width: 1.5 }}
svg.netspec .part {{ stroke-width: 1.2 }}
svg.netspec .part.shared {{ stroke-dasharray: 6 4 }}
svg.netspec .wire {{ fill: none; stroke-width: 1.6 }}
svg.netspec .web {{ stroke-width: 0.9; opacity: 0.8 }}
svg.netspec .dense {{ opacity: 0.4 }}
svg.netspec text.halo {{ font-size: 12px; font-weight: 600 }}
svg.netspec text.halo {{ paint-order: stroke; stroke-width: 6px; stroke-linejoin: round }}
"""


class Header(NamedTuple):
    """What stands over a drawing, and what a reader who does not see it is told."""

    name: str
    totals: str
    description: str
    notes: Sequence[str] = ()


def document(
    header: Header, body: Iterable[str], width: float, height: float, colours: Iterable[Colour] = (), shapes: str = ""
) -> str:
    """Return the SVG document with the header, its texts escaped, and under it the markup `body`.

    The body is drawn from (0, 0); `width` and `height` are its size. `colours` and `shapes`, rules that begin with
    `svg.netspec`, are added to the sheet's own.
    """
    lines = [header.totals, *header.notes]
    wide = max(
        lettering.width(header.name, NAME_SIZE, bold=True), *(lettering.width(line, TEXT_SIZE) for line in lines)
    )
    top = NAME_SIZE + _LINE * len(lines) + 22
    right, bottom = number(max(wide, width) + 2 * MARGIN), number(height + top + 2 * MARGIN)
    size = f'width="{right}" height="{bottom}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="netspec" role="img" {size} viewBox="0 0 {right} {bottom}">',
        f"<title>{escape(header.name)}</title>",
        f"<desc>{escape(header.description)}</desc>",
        f"<style>\n{_style((*COLOURS, *colours), shapes)}</style>",
        f'<rect class="sheet" {size}/>',
        f'<g transform="translate({number(MARGIN)} {number(MARGIN)})">',
        text(header.name, 0, NAME_SIZE - 3, "name"),
        *(text(line, 0, NAME_SIZE + _LINE * place, "faint") for place, line in enumerate(lines, 1)),
        "</g>",
        f'<g transform="translate({number(MARGIN)} {number(MARGIN + top)})">',
        *body,
        "</g>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def text(content: str, x: float, y: float, kind: str) -> str:
    """Return a text with its foot at (x, y), escaped, its symbols with subscripts."""
    return f'<text class="{kind}" x="{number(x)}" y="{number(y)}">{lettering.drawn(content)}</text>'


def box(x: float, y: float, width: float, height: float, radius: float, kind: str) -> str:
    """Return a rectangle with round corners."""
    return (
        f'<rect class="{kind}" x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" '
        f'rx="{number(radius)}"/>'
    )


def number(value: float) -> str:
    """Return a coordinate with one decimal at most."""
    written = f"{value:.1f}".removesuffix(".0")
    return "0" if written == "-0" else written


def _style(colours: Sequence[Colour], shapes: str) -> str:
    """Return the style sheet: the light colours for every renderer, the dark ones where they are preferred."""
    light, dark = (
        "".join(f"svg.netspec {c.selector} {{ {c.property}: {c[2 + theme]} }}\n" for c in colours) for theme in (0, 1)
    )
    return f"{_SHAPES}{shapes}{light}@media (prefers-color-scheme: dark) {{\n{dark}}}\n"
