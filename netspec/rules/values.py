"""What is wrong with the values of a part, written out or in a file; loaded for a part that has any."""

from collections.abc import Iterator, Mapping

from netspec.diagnostics import Diagnostic, FileFault, quote
from netspec.diagnostics.suggest import nearest
from netspec.files.folder import Folder
from netspec.files.parameters import canonical, check_parameters, label
from netspec.layers.faults import Details, Mark, Path
from netspec.layers.scope import MOST_FAULTS
from netspec.operations import Shape
from netspec.rules.inline_values import read_tensor
from netspec.spec import ParameterFile, Part, Values


def inline_faults(part: Part, path: Path, values: Values, expected: Mapping[str, Shape]) -> Iterator[Diagnostic]:
    """Yield what is wrong with tensors that are written out: names, shapes, elements."""
    written: dict[str, str] = {}
    for key in values.tensors:
        name = canonical(key)
        if name in written:
            words = f"{label(name)} is given twice, as {quote(written[name])} and {quote(key)}"
            marks = (Mark((written[name],), "first given here", key=True),)
            yield part.document.fault(
                "duplicate-key", path, Details(words, False, (key,), True, "given again", marks, "keep one")
            )
        written[name] = key
    missing = dict.fromkeys(name for name in expected if name not in written)
    told = 0
    for name, key in written.items():
        if told >= MOST_FAULTS:
            return
        if name not in expected:
            told += 1
            near = nearest(name, missing or expected)
            words = f"the network has no tensor {quote(key)}"
            help_ = f"did you mean `{near}`?" if near else f"its tensors are {_listed(expected)}"
            yield part.document.fault("parameter-unexpected", path, Details(words, False, (key,), True, help=help_))
            missing.pop(near or "", None)
            continue
        _, faults = read_tensor(name, values.tensors[key], expected[name], part.head.dtype)
        told += len(faults)
        for code, below, details in faults:
            yield part.document.fault(code, (*path, key, *below), details)
    if missing:
        name = next(iter(missing))
        rest = len(missing) - 1
        more = f"and {rest:,} more {'tensor' if rest == 1 else 'tensors'} have" if rest else "has"
        words = f"{label(name)} of shape {expected[name]} {more} no values"
        help_ = "write out every tensor, or draw them all"
        place = part.document.source.place(path, key=True)
        yield Diagnostic("parameter-missing", words, place, help=help_)


def file_faults(
    part: Part, path: Path, file: ParameterFile, expected: Mapping[str, tuple[int, ...]], folder: Folder
) -> Iterator[Diagnostic]:
    """Yield what is wrong with a file of values; its bytes are read once, in bounded memory."""
    at = (*path, "file")
    try:
        with folder.open(folder.resolve(part.document.relative, file.path)) as stream:
            found = check_parameters(stream, file.path, expected, part.head.dtype)
    except FileFault as fault:
        yield part.document.fault(
            fault.code, at, Details(f"{quote(file.path)}: {fault.reason}", False, help=fault.help)
        )
        return
    for misfit in found.faults:
        words = f"{quote(file.path)}: {misfit.message}"
        yield part.document.fault(misfit.code, at, Details(words, False, help=misfit.help))


def _listed(names: Mapping[str, Shape]) -> str:
    shown = [f"`{name}`" for name in list(names)[:8]]
    return ", ".join(shown) + (", …" if len(names) > 8 else "")
