"""The letters and signs of netspec's messages, spelled out for terminals that have only ASCII."""

from typing import Final

from netspec.diagnostics.show import show

# What messages and pages are written with; anything else outside ASCII appears as `show` gives it, by its number.
_SPELLED: Final = {
    "β": "beta",
    "γ": "gamma",
    "θ": "theta",
    "φ": "phi",
    "Ω": "Omega",
    "Σ": "sum",
    "×": "x",
    "·": "*",
    "→": "->",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "–": "-",
    "−": "-",
    "…": "...",
    "²": "^2",
    "≈": "~",
    "ú": "u",
}


def ascii_only(text: str) -> str:
    """Return the text in ASCII: β as `beta`, Ω as `Omega`, → as `->`; what has no spelling as `U+041A`.

    Lines stay lines, and nothing that is ASCII already is touched.
    """
    if text.isascii():
        return text
    return "".join(
        character if character.isascii() else _SPELLED.get(character) or show(character) for character in text
    )


def can_encode(encoding: str) -> bool:
    """Tell whether a stream of this encoding takes the signs that messages are written with."""
    try:
        "βΩ→×".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
