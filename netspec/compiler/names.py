"""Names of emitted text: words of the spec as Python's, each once."""

import keyword
from collections.abc import Iterable


class Names:
    """Gives out names that nothing else in the text has: `res.2.branch` is `res__2__branch`.

    What Python or the text itself has a use for gets a `_` behind it: `class_`, `max_pool_`.
    """

    def __init__(self, reserved: Iterable[str]) -> None:
        self._reserved = {*reserved, *keyword.kwlist}
        self._taken = {*self._reserved}

    def take(self, wanted: str) -> str:
        """Return the name, numbered where it is taken: `a__b`, then `a__b__2`."""
        wanted = wanted.replace(".", "__")
        wanted = name = f"{wanted}_" if wanted in self._reserved else wanted
        number = 1
        while name in self._taken:
            number += 1
            name = f"{wanted}__{number}"
        self._taken.add(name)
        return name
