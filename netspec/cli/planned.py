"""What `plan` and `migrate` share: the two networks, the file of weights, and the plan from one to the other."""

import os
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from netspec.diagnostics import Diagnostic, SpecError, SystemFault, quote
from netspec.migration.pairing import Pair
from netspec.migration.planning import Known, Wish, fit, make_plan
from netspec.migration.steps import HELD, Plan
from netspec.migration.wanted import wanted
from netspec.migration.weights import Weights, read_weights
from netspec.review.opening import Opened, Opener
from netspec.validation import Member, check_text

NEW_HELP: Final = "The spec of the new network, a file or REV:path."
WEIGHTS_HELP: Final = "The weights there are, a .safetensors or .npz file."
FROM_HELP: Final = "The spec that the weights are of, a file or REV:path; the one in the file where netspec wrote it."
RENAME_HELP: Final = "A tensor of the old network that is one of the new; * stands for any letters. May be repeated."
WIDEN_HELP: Final = "Wider layers: new units multiplied by 0, or copies of those there are that share their weight."
DEEPEN_HELP: Final = "New layers: the identity where that keeps the function, or drawn."
DTYPE_HELP: Final = "What to store; the spec's own unless given."
VARIANT_HELP: Final = "The variant of the new spec; as written unless given."
KEEP_HELP: Final = "Exit with 1 unless the function is proven to be kept."
FROM_VARIANT_HELP: Final = "The variant of the spec that --from names; as written unless given."


class Request(NamedTuple):
    """What the command line asks for."""

    new: str
    weights: str
    old: str | None
    variant: str | None
    old_variant: str | None
    root: str | None
    wish: Wish


class Planned(NamedTuple):
    """The two networks and the file, and where no plan was given, the plan."""

    new: Known
    old: Known | None
    weights: Weights
    inputs: tuple[str, ...]

    def plan(self, wish: Wish) -> Plan:
        """Return the plan."""
        return make_plan(self.new, self.weights, self.old, wish)

    def fitting(self) -> Mapping[str, Pair]:
        """Return which of the file's tensors the old network's are; empty where it is not known."""
        if self.old is None:
            return {}
        return fit(self.weights, wanted(self.old.member.graph), self.old.file)


def open_all(request: Request) -> Planned:
    """Return what a request names. SpecError where a spec or the file of weights is refused."""
    with Opener(request.root) as opener:
        new = _known(opener.open(request.new), request.variant, "variant")
        old = None if request.old is None else _known(opener.open(request.old), request.old_variant, "from-variant")
    weights = read_weights(request.weights)
    if old is None:
        if request.old_variant is not None:
            raise SystemFault("usage", "--from-variant is for the spec that --from names", "name it")
        old = _held(weights)
    if old is None and request.wish.widen == "copy":
        help_ = "name the spec that the weights are of with `--from OLD.yaml`"
        raise SystemFault("usage", "--widen copy: which units are copied is known by the old network only", help_)
    named = (request.new, request.old, request.weights)
    return Planned(new, old, weights, tuple(path for path in named if path is not None and os.path.lexists(path)))


def _known(opened: Opened, variant: str | None, option: str) -> Known:
    """Return the network that is meant. SpecError where the spec has none, SystemFault for a variant without one."""
    family = opened.family
    if family.written is None:
        raise SpecError(family.diagnostics, family.sources)
    if variant is None:
        return Known(opened.file, family.written)
    if variant not in family.variants:
        names = ", ".join(family.variants)
        help_ = f"it has {names}" if names else "it has none"
        raise SystemFault("usage", f"--{option}: {quote(opened.file)} has no variant {quote(variant)}", help_)
    return Known(opened.file, family.variants[variant])


def _held(weights: Weights) -> Known | None:
    """Return the network whose spec a file holds that netspec wrote; None where it holds none."""
    if weights.spec is None:
        return None
    name = weights.path + HELD
    verdict = check_text(weights.spec, name)
    if verdict.part is None or verdict.graph is None or verdict.facts is None:
        faults: Sequence[Diagnostic] = verdict.diagnostics
        raise SpecError(faults, verdict.sources)
    return Known(name, Member(verdict.part, verdict.graph, verdict.facts))
