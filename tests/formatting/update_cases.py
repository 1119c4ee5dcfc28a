"""Writes `cases/*.formatted.yaml` anew; review what changes.

Run from the root: `python -m tests.formatting.update_cases`.
"""

from pathlib import Path

from netspec.formatting import format_source
from netspec.source import read_source

CASES = Path(__file__).parent / "cases"
SUFFIX = ".formatted.yaml"


def cases() -> list[Path]:
    """Return the files as they may be written."""
    return sorted(path for path in CASES.glob("*.yaml") if not path.name.endswith(SUFFIX))


def expected(case: Path) -> Path:
    """Return the path of a case in the canonical layout."""
    return case.with_name(case.stem + SUFFIX)


def main() -> None:
    """Write every case in the canonical layout."""
    for case in cases():
        text = format_source(read_source(case.read_bytes(), case.name))
        expected(case).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
