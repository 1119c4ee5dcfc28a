"""What an unquoted scalar means: the YAML 1.2 core schema, less every spelling that YAML 1.1 reads otherwise."""

from typing import Final, NamedTuple

from netspec.diagnostics import Mend, quote
from netspec.limits import EXPECTED_DIGITS, INTEGER_DIGITS


class Unreadable(NamedTuple):
    """Why a scalar is refused: the code, the headline, and the spelling to use."""

    code: str
    headline: str
    help: str


_BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_EMPTY: Final = frozenset(("", "~", "null", "Null", "NULL"))
_OTHER_BOOLEANS: Final = {
    spelling: word
    for yes_or_no, word in (("yes", "true"), ("on", "true"), ("no", "false"), ("off", "false"))
    for spelling in (yes_or_no, yes_or_no.title(), yes_or_no.upper())
}
_WORDS: Final = frozenset((*_BOOLEANS, *_EMPTY, *_OTHER_BOOLEANS, "=", "<<"))
_NOT_FINITE: Final = frozenset((".inf", ".nan"))
_DIGITS: Final = frozenset("0123456789")
_NUMBER_STARTS: Final = frozenset("0123456789+-.")
# The longest number text that is converted: a float needs no more digits than the longest integer.
_LONGEST: Final = EXPECTED_DIGITS.value + 32
_MOST_DIGITS: Final = INTEGER_DIGITS.value


def decimal(text: str) -> int | None:
    """Return the integer that digits alone stand for, as most scalars of a large file do; None for anything else."""
    if text.isdecimal() and text[0] != "0" and len(text) <= _MOST_DIGITS and text.isascii():
        return int(text)
    return None


def resolve(text: str) -> bool | int | float | str | Unreadable:
    """Return the value of an unquoted scalar, or why it is refused.

    Accepted is what YAML 1.1 and 1.2 read alike, and two things on which they differ: a float with an exponent and
    no point or sign (`1e-3`), which is a float here, and `y`, `n`, `Y`, `N`, which are names here.
    """
    if text in _WORDS:
        return _word(text)
    if text[0] not in _NUMBER_STARTS:
        return text
    number = decimal(text)
    if number is not None:
        return number
    digits = text[1:] if text[0] in "+-" else text
    if digits.isdecimal() and digits.isascii():
        return _integer(text, digits)
    return _number(text, digits)


def is_text(text: str) -> bool:
    """Return whether every YAML reader takes an unquoted scalar for text, as a key has to be."""
    return (text[:1].isalpha() and text not in _WORDS) or isinstance(resolve(text), str)


def _word(text: str) -> bool | Unreadable:
    """Return the value of a word that some YAML reader takes for something other than text."""
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if text in _EMPTY:
        return Unreadable("no-value", f"{quote(text)} stands for no value", "write the value, or leave the key out")
    if text in _OTHER_BOOLEANS:
        word = _OTHER_BOOLEANS[text]
        fix = f'write `{word}` for the switch, or "{text}" in quotes for the word'
        return Unreadable("ambiguous-word", f"`{text}` is {word} to some YAML readers and a word to others", fix)
    fix = Mend.by(f'"{text}"', "write it in quotes")
    return Unreadable("ambiguous-word", f"{quote(text)} is an operator to some YAML readers", fix)


def _integer(text: str, digits: str) -> int | Unreadable:
    """Return a decimal integer: a sign or none, and digits that begin with 0 only in 0 itself."""
    if digits[0] == "0" and len(digits) > 1:
        fix = f"write {quote(text[: -len(digits)] + (digits.lstrip('0') or '0'))} for the decimal number"
        return Unreadable("number-spelling", f"{quote(text)} is octal to some YAML readers", fix)
    if len(digits) > EXPECTED_DIGITS.value:
        headline = f"an integer of {len(digits):,} digits; at most {EXPECTED_DIGITS.value:,} are read"
        return Unreadable(EXPECTED_DIGITS.code, headline, "write it as an expression, such as 11 ** 50")
    return int(text)


def _number(text: str, digits: str) -> float | str | Unreadable:
    """Return what begins like a number: a float, a text such as `2*D`, or the reason why it is neither."""
    if digits.lower() in _NOT_FINITE:
        return Unreadable("not-finite", f"{quote(text)} is not a finite number", "write a finite number")
    if _is_float(digits):
        return _float(text, digits)
    lower = digits.lower()
    if lower[:2] in ("0x", "0o", "0b") and (lower[2:].replace("_", "").isalnum()):
        base = {"x": 16, "o": 8, "b": 2}[lower[1]]
        return Unreadable("number-spelling", f"{quote(text)} is not written in decimal", _decimal(text, lower, base))
    if "_" in digits and digits[0] in _DIGITS | {"."} and _is_numeric(digits.replace("_", "").replace(":", "")):
        plain = text.replace("_", "")
        fix = f"write {quote(plain)}"
        fix = fix if ":" in digits or not _is_readable(plain) else Mend.by(plain, fix)
        return Unreadable("number-spelling", f"{quote(text)} is a number to some YAML readers, text to others", fix)
    if digits[:2] == "._" and _is_numeric(digits.replace("_", "0")):  # no digit, and a float by the letter of YAML 1.1
        fix = Mend.by(f'"{text}"', "write it in quotes")
        return Unreadable("number-spelling", f"{quote(text)} is a number to some YAML readers, text to others", fix)
    if ":" in digits and _is_clock(digits):
        headline = f"{quote(text)} is a number in base 60 to some YAML readers"
        return Unreadable("number-spelling", headline, "write the decimal number, or put the text in quotes")
    if _is_date(text):
        headline = f"{quote(text)} is a date to some YAML readers"
        return Unreadable("date", headline, "put the text in quotes; for a difference, write spaces around -")
    return text


def _is_readable(text: str) -> bool:
    """Return whether unquoted text is a number."""
    return isinstance(resolve(text), int | float)


def _is_numeric(digits: str) -> bool:
    """Return whether digits with at most one point, and an exponent or none, stand here and nothing else."""
    return _is_float(digits) or (digits.isdecimal() and digits.isascii())


def _is_float(digits: str) -> bool:
    """Return whether this is an unsigned float of the 1.2 core schema: a point or an exponent, or both."""
    mantissa, mark, exponent = digits.replace("E", "e").partition("e")
    whole, point, fraction = mantissa.partition(".")
    if not (point or mark) or not (whole or fraction) or not _DIGITS.issuperset(whole + fraction):
        return False
    power = exponent[1:] if exponent[:1] in ("+", "-") else exponent
    return not mark or (power != "" and _DIGITS.issuperset(power))


def _float(text: str, digits: str) -> float | Unreadable:
    """Return a finite float in a spelling that every reader knows."""
    if digits[0] == "." and text is not digits:
        sign = "-" if text[0] == "-" else ""
        headline = f"{quote(text)} is a number to some YAML readers, text to others"
        plain = f"{sign}0{digits}"
        return Unreadable("number-spelling", headline, Mend.by(plain, f"write {quote(plain)}"))
    if digits[0] == "0" and digits[1:2] in _DIGITS:
        headline = f"{quote(text)} begins with a zero that means nothing"
        return Unreadable("number-spelling", headline, "leave out the leading zeros")
    if len(digits) > _LONGEST:
        headline = f"a number of {len(digits):,} characters; at most {_LONGEST:,} are read"
        return Unreadable("number-spelling", headline, "write fewer digits: a float holds 17")
    value = float(text)
    if value in (float("inf"), float("-inf")):
        headline = f"{quote(text)} is too large for a float"
        return Unreadable("not-finite", headline, "write a number below 1.8e308")
    return value


def _is_clock(digits: str) -> bool:
    """Return whether YAML 1.1 reads a number in base 60: digits, then groups of 0 to 59, then a fraction or none."""
    whole, _, fraction = digits.partition(".")
    first, *groups = whole.split(":")
    return (
        _DIGITS.issuperset(first.replace("_", ""))
        and bool(groups)
        and all(0 < len(group) <= 2 and _DIGITS.issuperset(group) and int(group) < 60 for group in groups)
        and _DIGITS.issuperset(fraction.replace("_", ""))
    )


def _is_date(text: str) -> bool:
    """Return whether YAML 1.1 reads a date, with a time or without: 2024-01-31, 2024-1-31 10:00:00."""
    year, *rest = text.split("-", 2)
    if len(rest) != 2 or len(year) != 4 or not _DIGITS.issuperset(year + rest[0]) or not 0 < len(rest[0]) <= 2:
        return False
    day, after = rest[1][:2], rest[1][2:]
    if not _DIGITS.issuperset(day):
        day, after = day[:1], rest[1][1:]
    if day == "" or not _DIGITS.issuperset(day):
        return False
    return (after[:1] in "Tt \t" and ":" in after) if after else len(rest[0]) == len(day) == 2


def _decimal(text: str, lower: str, base: int) -> str:
    """Return the help for a number in another base: its decimal spelling where it is short."""
    try:
        value = int(lower[2:].replace("_", "")[:64], base)
    except ValueError:
        return "write it in decimal"
    sign = "-" if text[0] == "-" else ""
    return Mend.by(f"{sign}{value}", f"write `{sign}{value}`") if len(lower) < 18 else "write it in decimal"
