"""Writes what the pages say that can be worked out: outputs of commands, tables, the pages of layers, pictures.

    python -m tests.docs.update [PAGE ...]

Run it after the words of a command have changed, and review the difference by eye: the tests compare with it.
"""

import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from netspec.cli import main
from netspec.layers.pages import example
from netspec.layers.pages import page as layer_page
from netspec.layers.registry import KINDS
from tests.docs.blocks import blocks, pages
from tests.docs.session import ROOT, Session
from tests.docs.tables import filled

_INSERTED: Final = "tests/review/cases/inserted-convolution"
PICTURES: Final = {
    "two_layer.svg": ("graph", "specs/two_layer.yaml"),
    "two_layer_units.svg": ("graph", "specs/two_layer.yaml", "--units"),
    "figure_4_1.svg": ("graph", "specs/figure_4_1/composed.yaml"),
    "deep.svg": ("graph", "specs/deep.yaml"),
    "units_of_3_1.svg": ("plot", "function", "specs/notebook_3_1.yaml", "--box", "0,1"),
    "units_of_4_2.svg": ("plot", "function", "specs/notebook_4_2.yaml", "--box", "0,1"),
    "nine_folded.svg": ("plot", "folding", "specs/figure_4_1/composed.yaml", "--box", "-1,1"),
    "thirteen_regions.svg": ("plot", "regions", "specs/figure_4_2/composed.yaml"),
    "seven_by_units.svg": ("plot", "regions", "specs/figure_4_2/fold.yaml", "--show", "units"),
    "pieces.svg": ("plot", "regions", "specs/figure_4_2/composed.yaml", "--show", "pieces", "--box", "-10,10"),
    "plane.svg": ("plot", "regions", "specs/notebook_4_3.yaml", "--plane", "0,1,0,1", "2,0,1,-1", "-1,0,2,2"),
    "depth.svg": ("plot", "depth"),
    "precision.svg": ("plot", "precision", "examples/wave.csv"),
    "twelve_folded.svg": ("plot", "folding", "specs/notebook_4_1/n2_after_n1.yaml", "--box", "-1,1"),
    "nine_regions.svg": ("plot", "function", "specs/figure_4_1/composed.yaml", "--box", "-1,1", "--no-hidden"),
    "n1_folded.svg": ("plot", "folding", "specs/notebook_4_1/n1.yaml", "--box", "-1,1"),
    "moons.svg": ("train", "examples/moons.yaml", "examples/moons.csv", "--epochs", "60", "--seed", "1"),
    "change.svg": ("diff", f"{_INSERTED}/old.yaml", f"{_INSERTED}/new.yaml"),
    "history.svg": ("log", "HEAD:nets/digits.yaml"),
}
"""What is drawn into `docs/pictures`: the arguments of netspec."""


def drawn(arguments: tuple[str, ...], scratch: Path) -> str:
    """Return the picture that netspec draws of a spec of the repository."""
    target = scratch / "picture.svg"
    if arguments[0] == "diff":  # which writes the names of its files, so that they have to be the same everywhere
        with contextlib.chdir(ROOT):
            assert main([*arguments, "-o", str(target)]) == 0
        return target.read_text(encoding="utf-8")
    if arguments[0] == "train":  # its picture is of the way to the model
        paths = [str(ROOT / word) if word.startswith("examples/") else word for word in arguments]
        assert main([*paths, "-o", str(scratch / "model.pyz"), "--quiet", "--plot", str(target)]) == 0
        return target.read_text(encoding="utf-8")
    if arguments[0] == "log":
        with contextlib.chdir(repository(scratch / "history")):
            assert main([*arguments, "-o", str(target)]) == 0
        return target.read_text(encoding="utf-8")
    named = [str(ROOT / word) if word.startswith(("specs/", "examples/")) else word for word in arguments]
    assert main([*named, "-o", str(target)]) == 0
    return target.read_text(encoding="utf-8")


def repository(folder: Path) -> Path:
    """Return a new repository with the history that the pages show, whose commits are the same everywhere."""
    git = ["git", "-C", str(folder)]
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    with (ROOT / "examples" / "history.fi").open("rb") as history:
        subprocess.run([*git, "fast-import", "--quiet"], stdin=history, check=True)
    return folder


def replayed(page: str) -> str:
    """Return the page with every block as it has to be."""
    done, position = "", 0
    with tempfile.TemporaryDirectory() as scratch:
        session = Session(Path(scratch, "clone"))
        for block in blocks(page):
            done += page[position : block.start] + session.replay(block)
            position = block.start + len(block.text)
    return done + page[position:]


def layer_files() -> dict[Path, str]:
    """Return `layers/<keyword>.md` and its picture below docs for each kind; activations are rows of a table."""
    docs = ROOT / "docs"
    found: dict[Path, str] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for keyword in KINDS:
            shown = f"\n![{keyword}: the example drawn](../pictures/layers/{keyword}.svg)\n"
            found[docs / "layers" / f"{keyword}.md"] = (layer_page(keyword) or "") + shown
            spec = Path(scratch, f"{keyword}.yaml")
            spec.write_text(example(keyword), encoding="utf-8")
            found[docs / "pictures" / "layers" / f"{keyword}.svg"] = drawn(("graph", str(spec)), Path(scratch))
    return found


def _write_layer_files() -> None:
    """Write the pages and pictures of layers that have changed, and take away those of kinds that are no more."""
    texts = layer_files()
    for folder in {path.parent for path in texts}:
        folder.mkdir(exist_ok=True)
        for stale in set(folder.iterdir()) - texts.keys():
            stale.unlink()
    for path, text in texts.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))


def _update(wanted: list[str]) -> int:
    """Return 1 where a page has an example that fails; such a page is left as it is."""
    status = 0
    if not wanted:
        _write_layer_files()
    for path in pages(ROOT):
        if wanted and path.name not in wanted:
            continue
        text = path.read_text(encoding="utf-8")
        try:
            now = replayed(filled(text))
        except AssertionError as failure:
            print(f"{path.relative_to(ROOT)}: {failure}")
            status = 1
            continue
        if now != text:
            path.write_text(now, encoding="utf-8")
            print(path.relative_to(ROOT))
    with tempfile.TemporaryDirectory() as scratch:
        for name, arguments in PICTURES.items() if not wanted else ():
            (ROOT / "docs" / "pictures" / name).write_text(drawn(arguments, Path(scratch)), encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(_update(sys.argv[1:]))
