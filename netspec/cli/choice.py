"""`--variant` and `--set`: which network of a family a command is about."""

from collections.abc import Sequence
from typing import Final

from netspec.diagnostics import SystemFault, quote
from netspec.layers.fields import NAME
from netspec.source.scalars import Unreadable, resolve
from netspec.validation import Choice

VARIANT_HELP: Final = "The variant of the spec; as written unless given."
SET_HELP: Final = "Set a hyperparameter, such as --set D=64; may be given more than once."
ROOT_HELP: Final = "The folder that files must lie below; that of the spec unless given."

_NO_NUMBER: Final = ("no-value", "ambiguous-word")  # words; what a spec may write instead of them is no value here


def choice(variant: str | None, sets: Sequence[str]) -> Choice:
    """Return the choice that `--variant NAME` and each `--set NAME=VALUE` make.

    A value is read as in a spec, by the same grammar of scalars: `64`, `0.1`, `1e-3`, `true`. Whether there is such a
    hyperparameter, and whether the value fits it, is found when the spec is checked. SystemFault `usage` for what is no
    setting at all, or one name set twice.
    """
    settings: dict[str, object] = {}
    for written in sets:
        name, equals, text = written.partition("=")
        if not equals or not NAME.match(name):
            raise _usage(f"{quote(written)} is no setting", "write NAME=VALUE, such as `--set D=64`")
        if name in settings:
            raise _usage(f"`{name}` is set twice", "keep one of them")
        settings[name] = _value(name, text)
    return Choice(variant, settings)


def _value(name: str, text: str) -> bool | int | float:
    value = resolve(text)
    if isinstance(value, Unreadable) and value.code not in _NO_NUMBER:
        raise _usage(f"`{name}`: {value.headline}", value.help)
    if isinstance(value, Unreadable | str):
        said = quote(text) if text else "nothing"
        raise _usage(f"`{name}` is set to {said}, which is no value", "write a number, `true` or `false`")
    return value


def _usage(words: str, fix: str) -> SystemFault:
    return SystemFault("usage", f"--set: {words}", fix)
