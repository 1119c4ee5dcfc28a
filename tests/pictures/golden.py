"""The pictures that were reviewed by eye, in `golden/`: writes them anew.

    python -m tests.pictures.golden

Look at each difference in a browser, light and dark: the tests compare to the byte.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from netspec.pictures.dot import draw_dot
from netspec.pictures.graphml import draw_graphml
from netspec.pictures.json_graph import draw_json
from netspec.pictures.mermaid import draw_mermaid
from netspec.pictures.svg import draw_svg
from netspec.pictures.units import draw_units
from tests.pictures.networks import LAYERED, SPECS, TWO_LAYER, checked

FOLDER: Final = Path(__file__).parent / "golden"


def pictures() -> Iterator[tuple[str, str]]:
    """Yield each golden file's name and what belongs into it."""
    for name, text in SPECS.items():
        network = checked(text)
        yield f"{name}.svg", draw_svg(*network)
        yield f"{name}.mmd", draw_mermaid(*network)
        yield f"{name}.json", draw_json(*network)
    for name, text in LAYERED.items():
        network = checked(text)
        yield f"{name}.svg", draw_svg(*network)
        yield f"{name}.mmd", draw_mermaid(*network)
        yield f"{name}.dot", draw_dot(*network)
    yield "gpt2-expanded.svg", draw_svg(*checked(LAYERED["gpt2"]), repeats="rounds")
    yield "siamese.json", draw_json(*checked(LAYERED["siamese"]))
    yield "rounds.graphml", draw_graphml(*checked(LAYERED["rounds"]))
    yield "two-layer-units.svg", draw_units(*checked(TWO_LAYER))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, picture in pictures():
        (FOLDER / name).write_text(picture, encoding="utf-8")
