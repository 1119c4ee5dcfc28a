"""What a change is held against: the mildest class that is an error, and limits on facts."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from netspec.configuration.configuration import Configuration
from netspec.diagnostics import Diagnostic, Place
from netspec.review.breaking import CLASSES, breaking, in_variant, over_limits
from netspec.review.changes import Level, at_least
from netspec.review.many import Outcome
from netspec.review.repository import split_revision

LEAST: Final[Level] = "weights"


class Standard(NamedTuple):
    """`level` is the mildest class that is an error; `limits` are the command line's, which go before the budgets of a
    configuration.
    """

    level: Level = LEAST
    limits: Mapping[str, int] = {}
    configuration: Configuration | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The facts that limits are on."""
        given = self.configuration
        sections = () if given is None else (given.base, *given.overrides)
        return tuple(dict.fromkeys([*self.limits, *(word for section in sections for word in section.budget)]))

    @property
    def sources(self) -> Mapping[str, str]:
        """The text that notes lead to where a limit is configured."""
        return {} if self.configuration is None else {self.configuration.file: self.configuration.text}

    def broken(self, found: Outcome) -> list[Diagnostic]:
        """Return an error for all that is new of that class or a stricter one in a spec, and beyond a limit."""
        if found.diff is None:
            return []
        new = breaking(found.diff, self.level)
        return [*new, *self._over_limits(found)] if at_least("budget", self.level) else new

    def _over_limits(self, found: Outcome) -> list[Diagnostic]:
        """Return what is beyond a limit: in the network as written, and in each variant, which may be new."""
        limits, places = self._limits(found)
        of_variants = (
            in_variant(each.name, fault)
            for each in found.variants
            for fault in over_limits(limits, each.facts, each.place, places)
        )
        return [*over_limits(limits, found.facts, found.place, places), *of_variants]

    def _limits(self, found: Outcome) -> tuple[Mapping[str, int], Mapping[str, Place]]:
        """Return the limits of a spec, and where those are set that a file sets."""
        if self.configuration is None:
            return self.limits, {}
        new = found.new if found.new is not None and split_revision(found.new) is None else None
        budget = self.configuration.policy(new).budget
        limits = {**{word: most.value for word, most in budget.items()}, **self.limits}
        places = {word: most.place for word, most in budget.items() if most.place and word not in self.limits}
        return limits, places


def untold(found: Outcome, new: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the errors but those of an assertion that holds no more: the faults of the spec itself tell of it."""
    told = {each.place for each in found.errors if each.code == "expect"}
    return [each for each in new if each.code != CLASSES["budget"].code or each.place not in told]
