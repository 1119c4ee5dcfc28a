"""The figure that pictures are drawn on: its colours and letters, and its bytes, which are the same each time."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from netspec.diagnostics import SystemFault

try:
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine
except ImportError as error:
    raise SystemFault(
        "usage", "pictures are drawn by matplotlib, which is not installed", "pip install 'netspec-lang[plot]'"
    ) from error

INK: Final = "#1a1a1a"
FAINT: Final = "#767676"

COLOURS: Final = ("#0072B2", "#E69F00", "#009E73", "#56B4E9", "#D55E00", "#CC79A7")
"""Those of Okabe and Ito 2008, which the colour-blind tell apart; dark and light take turns, for print in grey."""

_OFF: Final = 3.14159e-7  # so that no size is in the middle between two of five digits

FORMATS: Final = ("svg", "png", "pdf")

_STYLE: Final = {
    "axes.axisbelow": True,
    "axes.edgecolor": FAINT,
    "axes.labelsize": 10,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "mathtext.fontset": "dejavusans",
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "netspec",
    "xtick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.color": FAINT,
    "ytick.labelcolor": INK,
}
_KEPT: Final = (
    "backend",
    "interactive",
    "toolbar",
    "timezone",
    "webagg",
    "date",
)  # nothing that is drawn hangs on them
_METADATA: Final[dict[str, dict[str, str | None]]] = {
    "svg": {"Creator": "netspec", "Date": None},
    "png": {"Software": None},
    "pdf": {"Creator": "netspec", "Producer": None, "CreationDate": None},
}


class Picture(Figure):  # type: ignore[misc, unused-ignore]  # where matplotlib is not installed, it is of no type
    """A matplotlib figure in the style of netspec, which notebooks show; `data(format)` are the bytes of its file."""

    def data(self, form: str = "svg", dpi: int = 150) -> bytes:
        """Return the file of the picture as svg, png or pdf; the same bytes for the same picture."""
        if form not in FORMATS:
            raise ValueError(f"form is {form!r}; expected one of {', '.join(FORMATS)}")
        stream = io.BytesIO()
        with styled(), _silent("fontTools"):  # which tells of the age of the font
            self.savefig(stream, format=form, dpi=dpi, metadata=_METADATA[form])
        return stream.getvalue()

    def _repr_svg_(self) -> str:
        return self.data("svg").decode()


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the style of netspec, whatever the settings of the user's matplotlib."""
    style: Any = {key: value for key, value in matplotlib.rcParamsDefault.items() if not key.startswith(_KEPT)}
    with matplotlib.rc_context(style | _STYLE):
        yield


@contextmanager
def _silent(library: str) -> Iterator[None]:
    """Let a library log nothing but errors."""
    log = logging.getLogger(library)
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


@contextmanager
def picture(width: float, height: float) -> Iterator[Picture]:
    """Give an empty picture of a size in inches, to be drawn on within the block; then its layout is made, once."""
    with styled():
        figure = Picture(figsize=(width, height), facecolor="white")
        figure.set_layout_engine(ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.06))
        yield figure
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        for axes in figure.axes:  # the solver of the layout leaves the last bits open
            left, bottom, width, height = (round(size + _OFF, 5) for size in axes.get_position(original=True).bounds)
            axes.set_position((left, bottom, width, height))


def colour(index: int) -> str:
    """Return the colour of a region, or of what else is numbered; they take turns."""
    return COLOURS[index % len(COLOURS)]


def band(axes: Any, low: float, high: float, index: int, *, across: bool = False) -> None:
    """Tint the region low < x < high, or of y where `across`, in its colour."""
    draw = axes.axhspan if across else axes.axvspan
    draw(low, high, facecolor=colour(index), alpha=0.22, linewidth=0, zorder=0)


def number(value: Any) -> str:
    """Return a number in up to four digits, with the minus sign that the axes have."""
    return f"{float(value) + 0.0:.4g}".replace("-", "\N{MINUS SIGN}")
