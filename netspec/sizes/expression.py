"""Expressions over sizes: parsed once into a short program, evaluated with every step bounded."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple, overload

from netspec.diagnostics import did_you_mean, quote, show
from netspec.limits import EXPRESSION_DEPTH, INTEGER_DIGITS
from netspec.sizes.decision import compare
from netspec.sizes.fault import ExpressionFault
from netspec.sizes.polynomial import Polynomial, Size, SizeFault
from netspec.sizes.tokens import COMPARISONS, Token, tokens

# A step on the way may be larger than the result, such as D**3 in D**3 // D**2: by this factor in bits.
_ROOM: Final = 4
_BITS_PER_DIGIT: Final = 3.3219280948873626  # log2(10)
_KEPT: Final = 256  # expressions: a spec is read once for each of its variants, and says most things again and again
_BINDING: Final = {"+": 1, "-": 1, "*": 2, "//": 2, "%": 2}

_COMPARE: Final[dict[str, Callable[[int, int], bool]]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}

_OPERATE: Final[dict[str, Callable[[Size, Size], Size]]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "//": lambda left, right: left // right,
    "%": lambda left, right: left % right,
    "**": lambda left, right: left**right,
}

# What people write where an operator belongs, and what it is here.
_UNEXPECTED: Final = {"(": "write `*` to multiply", "and": "write two checks", "or": "write the checks apart"}


class Step(NamedTuple):
    """One step of an expression's program, in postfix order: push an integer or a size, or replace operands.

    `operator` is "" for what is pushed, "neg" for the unary minus. The step covers text[start:end] of the expression,
    and its right operand begins at `right`.
    """

    operator: str
    operand: int | str
    start: int
    end: int
    right: int


class Expression:
    """An integer expression. `names` are the sizes it mentions, in order; `steps` its program."""

    __slots__ = ("names", "steps", "text")

    def __init__(self, text: str, steps: tuple[Step, ...]) -> None:
        self.text, self.steps = text, steps
        self.names = tuple(dict.fromkeys(step.operand for step in steps if isinstance(step.operand, str)))

    @overload
    def evaluate(self, sizes: Mapping[str, float], *, digits: int = INTEGER_DIGITS.value) -> int: ...

    @overload
    def evaluate(self, sizes: Mapping[str, float | Polynomial], *, digits: int = INTEGER_DIGITS.value) -> Size: ...

    def evaluate(self, sizes: Mapping[str, float | Polynomial], *, digits: int = INTEGER_DIGITS.value) -> Size:
        """Return the value of the expression, of at most `digits` digits, for the given sizes: an integer, or a
        polynomial in the free sizes that it depends on, whose coefficients have at most as many.

        `//` and `%` round towards minus infinity, as in Python.
        Errors: `ExpressionFault` for a size that is unknown or no integer, a division by zero or by a free size, a
        negative power, and a value that is too large; the size of a product or power is bounded before it is computed.
        """
        room = _ROOM * int(digits * _BITS_PER_DIGIT + 1)
        stack: list[int] = []
        for step in self.steps:
            if not step.operator:
                value: object = step.operand
                if isinstance(value, str):
                    value = sizes.get(value)
                if type(value) is not int:
                    if isinstance(value, Polynomial):
                        return self._evaluate_free(sizes, digits, room)
                    raise self._no_size(step, value, sizes)
                stack.append(value)
            elif step.operator == "neg":
                stack.append(-stack.pop())
            else:
                right = stack.pop()
                stack.append(self._apply(step, stack.pop(), right, room))
        result = stack.pop()
        if abs(result) >= 10**digits:
            raise self._too_large(self.steps[-1], f"has more than {digits} digits")
        return result

    def _evaluate_free(self, sizes: Mapping[str, float | Polynomial], digits: int, room: int) -> Size:
        """Return the value of an expression in which a free size was met: the same steps, over polynomials too."""
        stack: list[Size] = []
        for step in self.steps:
            if not step.operator:
                value: object = step.operand
                if isinstance(value, str):
                    value = sizes.get(value)
                if type(value) is not int and not isinstance(value, Polynomial):
                    raise self._no_size(step, value, sizes)
                stack.append(value)
            elif step.operator == "neg":
                stack.append(-stack.pop())
            else:
                right = stack.pop()
                stack.append(self._apply_free(step, stack.pop(), right, room))
        result = stack.pop()
        if max(map(abs, (result,) if isinstance(result, int) else result.terms.values())) >= 10**digits:
            raise self._too_large(self.steps[-1], f"has more than {digits} digits")
        return result

    def _apply(self, step: Step, left: int, right: int, room: int) -> int:
        """Return `left operator right`, or raise what makes it undefined or larger than `room` bits."""
        operator = step.operator
        if operator == "+":
            return left + right
        if operator == "-":
            return left - right
        if operator == "*":
            if left.bit_length() + right.bit_length() > room:
                raise self._too_large(step, "is too large")
            return left * right
        if operator == "**":
            if right < 0:
                raise self._negative_power(step, right)
            if abs(left) > 1 and left.bit_length() * right > room:
                raise self._too_large(step, "is too large")
            power: int = left**right
            return power
        if right == 0:
            raise self._division_by_zero(step)
        return left // right if operator == "//" else left % right

    def _apply_free(self, step: Step, left: Size, right: Size, room: int) -> Size:
        """Return `left operator right`, or raise what makes it undefined or too large, where one may be free."""
        if isinstance(right, int):
            if isinstance(left, int):
                return self._apply(step, left, right, room)
            if right == 0 and step.operator in ("//", "%"):
                raise self._division_by_zero(step)
            if right < 0 and step.operator == "**":
                raise self._negative_power(step, right)
        try:
            return _OPERATE[step.operator](left, right)
        except SizeFault as fault:
            start = step.start if fault.code == "size-too-complex" else step.right
            fix = "declare it under `hyperparameters`, where it has a value" if isinstance(right, Polynomial) else ""
            raise ExpressionFault(fault.code, fault.message, start, step.end, fix) from None

    def _no_size(self, step: Step, value: object, sizes: Mapping[str, float | Polynomial]) -> ExpressionFault:
        """Return the fault of a name whose value is no size."""
        name = step.operand
        if value is None:
            known = did_you_mean(str(name), sizes)
            return ExpressionFault("unknown-size", f"no size is called {quote(name)} here", step.start, step.end, known)
        written = str(value).lower() if isinstance(value, bool) else show(value)
        message = f"{quote(name)} is {written}, not an integer"
        fix = "write a quotient of integers, with //"
        return ExpressionFault("not-an-integer", message, step.start, step.end, fix)

    def _division_by_zero(self, step: Step) -> ExpressionFault:
        """Return the fault of a divisor that is zero."""
        message = f"a division by zero: {quote(self.text[step.right : step.end])} is 0"
        return ExpressionFault("division-by-zero", message, step.right, step.end, "bound the sizes in it")

    def _negative_power(self, step: Step, exponent: int) -> ExpressionFault:
        """Return the fault of an exponent that is negative."""
        message = f"a power of {exponent}: {quote(self.text[step.right : step.end])} is negative"
        return ExpressionFault("negative-power", message, step.right, step.end, "divide by a power instead")

    def _too_large(self, step: Step, why: str) -> ExpressionFault:
        """Return the fault of a value beyond the bound."""
        message = f"{quote(self.text[step.start : step.end])} {why}"
        return ExpressionFault(INTEGER_DIGITS.code, message, step.start, step.end)


class Comparison:
    """One comparison of two expressions, as a check has it."""

    __slots__ = ("left", "operator", "right", "text")

    def __init__(self, text: str, left: Expression, operator: str, right: Expression) -> None:
        self.text, self.left, self.operator, self.right = text, left, operator, right

    @overload
    def evaluate(self, sizes: Mapping[str, float], *, digits: int = INTEGER_DIGITS.value) -> tuple[bool, int, int]: ...

    @overload
    def evaluate(
        self, sizes: Mapping[str, float | Polynomial], *, digits: int = INTEGER_DIGITS.value
    ) -> tuple[bool | None, Size, Size]: ...

    def evaluate(
        self, sizes: Mapping[str, float | Polynomial], *, digits: int = INTEGER_DIGITS.value
    ) -> tuple[bool | None, Size, Size]:
        """Return whether the comparison holds, and the values of its sides; None where that depends on free sizes.

        Errors: as `Expression.evaluate`.
        """
        left = self.left.evaluate(sizes, digits=digits)
        right = self.right.evaluate(sizes, digits=digits)
        if isinstance(left, int) and isinstance(right, int):
            return _COMPARE[self.operator](left, right), left, right
        return compare(self.operator, left, right), left, right


def parse(text: str, *, digits: int = INTEGER_DIGITS.value) -> Expression:
    """Return the expression that `text` holds; its integers have at most `digits` digits.

    sum = product {("+" | "-") product};  product = unary {("*" | "//" | "%") unary}
    unary = "-" unary | power;  power = atom ["**" unary];  atom = integer | name | "(" sum ")"

    Errors: `ExpressionFault`.
    """
    return _parsed(text, digits)


@lru_cache(_KEPT)
def _parsed(text: str, digits: int) -> Expression:
    """Return the expression, shared by all who ask for the same text: nothing changes one."""
    parser = _Parser(text, tokens(text, digits))
    parser.sum()
    following = parser.token
    if following.text in COMPARISONS:
        message = f"{quote(following.text)} compares, and a value is wanted"
        raise ExpressionFault(
            "bad-expression", message, following.start, following.end, "comparisons stand in `checks`"
        )
    parser.finish()
    return Expression(text, tuple(parser.steps))


def parse_comparison(text: str, *, digits: int = INTEGER_DIGITS.value) -> Comparison:
    """Return the comparison that `text` holds: a sum, one of == != < <= > >=, and a sum. Errors: `ExpressionFault`."""
    parser = _Parser(text, tokens(text, digits))
    parser.sum()
    operator = parser.token
    if operator.text not in COMPARISONS:
        parser.finish()
        message = f"{quote(text)} compares nothing"
        raise ExpressionFault("bad-expression", message, 0, len(text), "write a comparison such as D % heads == 0")
    left = Expression(text, tuple(parser.steps))
    parser.steps = []
    parser.advance()
    parser.sum()
    if parser.token.text in COMPARISONS:
        again = parser.token
        fix = "write two checks"
        raise ExpressionFault("bad-expression", "a second comparison in one check", again.start, again.end, fix)
    parser.finish()
    return Comparison(text, left, operator.text, Expression(text, tuple(parser.steps)))


class _Parser:
    """Precedence climbing over the tokens of one text; the program grows in `steps`."""

    __slots__ = ("depth", "position", "steps", "text", "token", "words")

    def __init__(self, text: str, words: list[Token]) -> None:
        self.text, self.words = text, words
        self.position, self.depth = 0, 0
        self.token = words[0]
        self.steps: list[Step] = []

    def advance(self) -> Token:
        """Step to the next token and return the one left behind."""
        left = self.token
        self.position += 1
        self.token = self.words[self.position]
        return left

    def sum(self, binding: int = 1) -> int:
        """Read operands joined by operators that bind at least as strongly as `binding`; return where they begin."""
        start = self.unary()
        while _BINDING.get(self.token.text, 0) >= binding:
            operator = self.advance().text
            right = self.sum(_BINDING[operator] + 1)
            self._add(operator, start, right)
        return start

    def unary(self) -> int:
        """Read a power, or a minus before one; return where it begins."""
        self.depth += 1
        if self.depth > EXPRESSION_DEPTH.value:
            message = f"an expression nested deeper than {EXPRESSION_DEPTH.value} levels"
            fix = "name parts of it in hyperparameters"
            raise ExpressionFault(EXPRESSION_DEPTH.code, message, self.token.start, self.token.end, fix)
        start = self.token.start
        if self.token.text == "-":
            self.advance()
            self._add("neg", start, self.unary())
        else:
            self._atom()
            if self.token.text == "**":
                self.advance()
                self._add("**", start, self.unary())
        self.depth -= 1
        return start

    def _atom(self) -> None:
        """Read an integer, a name, or a sum in parentheses."""
        token = self.token
        if token.kind == "integer":
            self.steps.append(Step("", int(token.text), token.start, token.end, token.start))
        elif token.kind == "name":
            self.steps.append(Step("", token.text, token.start, token.end, token.start))
        elif token.text == "(":
            self.advance()
            self.sum()
            if self.token.text != ")":
                raise self._unexpected("`)`")
        else:
            raise self._unexpected("a number or a name")
        self.advance()

    def _add(self, operator: str, start: int, right: int) -> None:
        """Add the step of an operator whose operands have been read."""
        self.steps.append(Step(operator, 0, start, self.words[self.position - 1].end, right))

    def finish(self) -> None:
        """Raise unless every token has been read."""
        token = self.token
        if token.kind != "end":
            raise self._unexpected("an operator")

    def _unexpected(self, expected: str) -> ExpressionFault:
        """Return the fault of a token where `expected` should stand."""
        token = self.token
        found = quote(token.text) if token.text else "the end"
        message = f"expected {expected}, got {found}"
        fix = _UNEXPECTED.get(token.text, "")
        return ExpressionFault("bad-expression", message, token.start, max(token.end, token.start + 1), fix)
