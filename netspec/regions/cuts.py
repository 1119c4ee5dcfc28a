"""What all cells of a domain share while they are cut, and what is said of them in the end."""

import numpy as np

from netspec.regions.ragged import Indices


class Cuts:
    """Labels for cuts, even numbers that have not been given before; the number after each is for the part below.

    `unsure` is how often rounding left open whether a form crosses a cell: it was taken not to.
    """

    def __init__(self) -> None:
        self.made = 0
        self.unsure = 0

    def labels(self, count: int) -> Indices:
        """Return labels for so many cuts."""
        self.made += count
        return 2 * np.arange(self.made - count, self.made)


class TooMany(Exception):
    """There are more cells than were asked for: at least `found`, and the search is not at its end."""

    def __init__(self, found: int) -> None:
        super().__init__(f"more than {found} cells")
        self.found = found
