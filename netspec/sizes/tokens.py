"""An expression cut into integers, names, operators and parentheses, each with its offsets."""

from typing import Final, Literal, NamedTuple

from netspec.diagnostics import quote
from netspec.limits import EXPRESSION_LENGTH, INTEGER_DIGITS, NAME_LENGTH
from netspec.sizes.fault import ExpressionFault

COMPARISONS: Final = ("==", "!=", "<=", ">=", "<", ">")

# Longest first, so that `**` is not read as `*` twice.
_OPERATORS: Final = ("**", "//", *COMPARISONS[:4], "<", ">", "+", "-", "*", "%", "(", ")")
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS: Final = frozenset("0123456789")
_WORD: Final = _LETTERS | _DIGITS | {"_"}
# What people write from other languages, and what it is here.
_HINTS: Final = {
    "/": "write `//` for whole division",
    "^": "write `**` for a power",
    "$": "write the bare name: D, not ${D}",
    "{": "write the bare name: D, not ${D}",
    "}": "write the bare name: D, not ${D}",
    ",": "write one expression; a list stands in brackets, such as [3, 3]",
    "=": "write `==` to compare",
    "!": "write `!=` to compare",
    "[": "write parentheses: ( and )",
    "]": "write parentheses: ( and )",
    "×": "write `*`",
    "÷": "write `//` for whole division",
    "−": "write `-`",
    "≤": "write `<=`",
    "≥": "write `>=`",
    "≠": "write `!=`",
}


class Token(NamedTuple):
    """One word of an expression: text[start:end]. `end` stands once behind the last."""

    kind: Literal["integer", "name", "operator", "end"]
    text: str
    start: int

    @property
    def end(self) -> int:
        """Return the offset behind the token."""
        return self.start + len(self.text)


def tokens(text: str, digits: int = INTEGER_DIGITS.value) -> list[Token]:
    """Return the tokens of an expression, with one `end` behind them; integers have at most `digits` digits.

    Errors: `ExpressionFault` for a text that is too long, and for a character or number that has no place here.
    """
    if len(text) > EXPRESSION_LENGTH.value:
        message = f"an expression of {len(text):,} characters; at most {EXPRESSION_LENGTH.value}"
        raise ExpressionFault(EXPRESSION_LENGTH.code, message, 0, len(text), "name parts of it in hyperparameters")
    found: list[Token] = []
    position = 0
    while position < len(text):
        character = text[position]
        if character == " ":
            position += 1
            continue
        if character in _LETTERS:
            token = Token("name", _run(text, position), position)
            if len(token.text) > NAME_LENGTH.value:
                message = f"a name of {len(token.text)} letters; at most {NAME_LENGTH.value}"
                raise ExpressionFault("bad-expression", message, token.start, token.end, "shorten the name")
            if text[token.end :].lstrip(" ").startswith("("):
                message = f"{quote(token.text)} is called, and expressions have no functions"
                raise ExpressionFault(
                    "bad-expression", message, token.start, token.end, "write it out as an expression; `*` multiplies"
                )
        elif character in _DIGITS:
            token = _integer(text, position, digits)
        else:
            token = _operator(text, position)
        found.append(token)
        position = token.end
    found.append(Token("end", "", len(text)))
    return found


def _run(text: str, start: int) -> str:
    """Return the letters, digits and underscores that stand together from `start` on."""
    end = start + 1
    while end < len(text) and text[end] in _WORD:
        end += 1
    return text[start:end]


def _integer(text: str, start: int, digits: int) -> Token:
    """Return a decimal integer that begins with 0 only in 0 itself and touches no letter or point."""
    word = _run(text, start)
    end = start + len(word)
    if text[end : end + 1] == ".":
        end += len(_run(text, end))
        raise ExpressionFault("not-an-integer", f"{quote(text[start:end])} is no integer", start, end)
    if not _DIGITS.issuperset(word):
        number = word[: next(index for index, character in enumerate(word) if character not in _DIGITS)]
        rest = word[len(number) :]
        fix = f"write {number}*{rest}" if rest[0] in _LETTERS and number != "0" else "write decimal digits alone"
        raise ExpressionFault("bad-expression", f"{quote(word)} is no number and no name", start, end, fix)
    if word[0] == "0" and len(word) > 1:
        message = f"{quote(word)} begins with a zero that means nothing"
        raise ExpressionFault("bad-expression", message, start, end, "leave out the leading zeros")
    if len(word) > digits:
        message = f"an integer of {len(word)} digits; at most {digits} are read here"
        raise ExpressionFault(INTEGER_DIGITS.code, message, start, end)
    return Token("integer", word, start)


def _operator(text: str, start: int) -> Token:
    """Return the operator or parenthesis at `start`."""
    for operator in _OPERATORS:
        if text.startswith(operator, start):
            return Token("operator", operator, start)
    character = text[start]
    if character == ".":
        end = start + len(_run(text, start))
        raise ExpressionFault("not-an-integer", f"{quote(text[start:end])} is no integer", start, end)
    fix = _HINTS.get(character, "an expression has integers, names, + - * // % ** and parentheses")
    message = f"{quote(character)} has no place in an expression"
    raise ExpressionFault("bad-expression", message, start, start + 1, fix)
