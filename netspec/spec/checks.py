"""The checks of a part: comparisons that must hold under its setting, or, over free sizes, in every run."""

from netspec.diagnostics import Diagnostic, quote
from netspec.layers.faults import Details, Mark, Path
from netspec.layers.scope import MOST_FAULTS, Scope
from netspec.operations import Check
from netspec.sizes import Comparison, ExpressionFault, parse_comparison
from netspec.sizes.contradiction import Compared, contradiction
from netspec.spec.document import Document


def hold(
    document: Document, path: Path, checks: list[str], scope: Scope, faults: list[Diagnostic]
) -> list[tuple[Check, Comparison]]:
    """Return the checks of a part that are over free sizes; `faults` grows by those that do not hold, each naming the
    values it compared.
    """
    free: list[tuple[Check, Comparison]] = []
    places: list[int] = []
    for i, written in enumerate(checks):
        if len(faults) >= MOST_FAULTS:
            return free
        at = (*path, "checks", i)
        try:
            comparison = parse_comparison(written)
            names = tuple(dict.fromkeys((*comparison.left.names, *comparison.right.names)))
            scope.used.update(names)
            if not scope.held_back.isdisjoint(names):
                continue
            holds, left, right = comparison.evaluate(scope.values)
        except ExpressionFault as fault:
            if scope.blind and fault.code == "unknown-size":
                continue
            details = Details(fault.message, False, start=fault.start, end=fault.end, help=fault.help)
            faults.append(document.fault(fault.code, at, details))
            continue
        if holds is None:
            free.append((Check(written, left, comparison.operator, right), comparison))
            places.append(i)
        elif not holds:
            bound = ", ".join(f"{name} = {scope.values[name]}" for name in names)
            sides = " and ".join(f"{side:,}" if isinstance(side, int) else str(side) for side in (left, right))
            words = f"the check {quote(written)} does not hold: its sides are {sides}"
            details = Details(words, False, label=f"with {bound}" if bound else "")
            faults.append(document.fault("check-fails", at, details))
    opposed = contradiction([Compared(check.operator, check.left, check.right) for check, _ in free])
    if opposed:
        *others, last = (places[i] for i in opposed)
        named = f"{', '.join(quote(checks[i]) for i in others)} and {quote(checks[last])}"
        words = f"the checks {named} cannot {'both' if len(others) == 1 else 'all'} hold"
        marks = tuple(Mark((i,), "") for i in others)
        mentioned = dict.fromkeys(name for i in opposed for name in (*free[i][1].left.names, *free[i][1].right.names))
        bound = ", ".join(f"{name} = {scope.values[name]}" for name in mentioned if str(scope.values[name]) != name)
        label = f"with {bound}" if bound else ""
        details = Details(words, False, (last,), False, label, marks, "take one of them out")
        faults.append(document.fault("check-fails", (*path, "checks"), details))
    return free
