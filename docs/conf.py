"""How Sphinx builds the documentation: `make docs`. The page of each code is taken from the package."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from netspec.diagnostics.pages import codes, page, summary
from netspec.version import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = Path(__file__).parent
SOURCE = DOCS.parent / "netspec"
PAGES = "../netspec/diagnostics/pages"

# The rooms in which faults arise, in the order in which a spec goes through them.
ROOMS = {
    "source": "The text of a spec",
    "sizes": "Sizes and expressions",
    "layers": "Layers",
    "spec": "Keys, names, and parts of a spec",
    "graph": "The graph",
    "rules": "What is held against the whole network",
    "validation": "Variants",
    "formatting": "The layout",
    "configuration": "Configuration",
    "limits": "Limits",
    "files": "Files",
    "model": "Models and their files",
    "runtime": "Data and runs",
    "equivalence": "Equivalence",
    "transforms": "Transforms",
    "pictures": "Pictures",
    "cli": "The command line",
}

project = "netspec"
author = copyright = "The netspec authors"  # noqa: A001  Sphinx's own name
release = version = __version__
extensions = ["myst_parser"]
myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]
exclude_patterns = ["_build"]
suppress_warnings = ["misc.highlighting_failure"]  # what is wrong in the example of a fault may be its YAML
html_theme = "furo"
html_title = "netspec"
html_static_path = ["style"]
html_css_files = ["netspec.css"]
html_copy_source = False
html_show_sphinx = False
pygments_style = "friendly"
pygments_dark_style = "github-dark"


def room_of(code: str) -> str:
    """Return the first room whose source names the code."""
    for room in ROOMS:
        places = [SOURCE / f"{room}.py"] if (SOURCE / f"{room}.py").exists() else sorted((SOURCE / room).rglob("*.py"))
        if any(f'"{code}"' in place.read_text(encoding="utf-8") for place in places):
            return room
    raise LookupError(f"no room names the code {code}")


def write_error_pages() -> None:
    """Write `errors/<code>.md` for each code, and an index by room; what has not changed is left as it is."""
    folder = DOCS / "errors"
    folder.mkdir(exist_ok=True)
    known = codes()
    texts = {f"{code}.md": page(code) or "" for code in known}
    texts["index.md"] = index(known)
    for stale in {path.name for path in folder.glob("*.md")} - texts.keys():
        (folder / stale).unlink()
    for name, text in texts.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def index(known: list[str]) -> str:
    """Return the page that lists the codes."""
    rows = [
        "# Error codes\n",
        "Every fault has a code, named for it, and its page. `netspec explain CODE` prints the same in a terminal.\n",
    ]
    by_room: dict[str, list[str]] = {room: [] for room in ROOMS}
    for code in known:
        by_room[room_of(code)].append(code)
    for room, title in ROOMS.items():
        if by_room[room]:
            rows.append(f"## {title}\n")
            rows += [f"[`{code}`]({code}.md)\n: {summary(code)}\n" for code in by_room[room]]
            rows.append("```{toctree}\n:hidden:\n\n" + "\n".join(by_room[room]) + "\n```\n")
    return "\n".join(rows)


def lead_to_error_pages(app: "Sphinx", document: str, source: list[str]) -> None:
    """Let links to the package's pages of codes, which hold in the repository, lead to those written here."""
    del app, document
    source[0] = source[0].replace(f"({PAGES})", "(errors/index.md)").replace(f"({PAGES}/", "(errors/")


def setup(app: "Sphinx") -> None:
    """Have each page read with its links led on; Sphinx calls this."""
    app.connect("source-read", lead_to_error_pages)


write_error_pages()

# A heading that repeats the code must not be taken for a typographic dash.
smartquotes = False

assert all(re.fullmatch("[a-z0-9-]+", code) for code in codes())  # noqa: S101  each is a file's name and a link
