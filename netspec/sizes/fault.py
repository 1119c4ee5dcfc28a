"""The fault of an expression, short and without a file: whoever reads the expression adds the place."""


class ExpressionFault(Exception):
    """Why an expression is refused. `start` and `end` are offsets into its text, the end exclusive."""

    def __init__(self, code: str, message: str, start: int, end: int, help: str = "") -> None:  # noqa: A002 - as in Diagnostic
        self.code, self.message, self.start, self.end, self.help = code, message, start, end, help
        super().__init__(code, message, start, end, help)

    def __str__(self) -> str:
        return self.message
