"""Scaled dot-product attention of several heads."""

from typing import NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, fixed, written


class Attend(NamedTuple):
    """y = softmax(scale · query keyᵀ) value for each head, the softmax being over the positions of the keys.

    query: (T, heads · d), key: (S, key_heads · d), value: (S, key_heads · e), y: (T, heads · e). Heads that follow each
    other, heads / key_heads of them, share their keys and values. Where `causal`, position t sees 0 … t alone. As
    torch.nn.functional.scaled_dot_product_attention.

    Cost: d + e macs for each head and pair of positions, also of those that are not seen, and six FLOPs for its score:
    the scale and five of the softmax.
    """

    heads: int
    key_heads: int
    causal: bool
    scale: float

    @property
    def keyword(self) -> str:
        return "attend"

    @property
    def linearity(self) -> Linearity:
        return "smooth"

    def shape(self, *operands: Shape) -> Shape:
        query, key, value = operands
        for x in operands:
            if len(x) != 2:
                raise OperationFault(f"it reads (positions, features), and gets {written(x)}")
        if self.heads % self.key_heads:
            raise OperationFault(f"{self.key_heads} heads of keys do not divide {self.heads} heads")
        d, e = self._widths(*operands)
        if query[1] != self.heads * d:
            raise OperationFault(f"{self.heads} heads read {query[1]} features of queries, and a key has {d}")
        if key[0] != value[0]:
            raise OperationFault(f"there are {key[0]} keys and {value[0]} values")
        return (query[0], self.heads * e)

    def roles(self, *operands: Shape) -> tuple[Role, ...]:  # noqa: ARG002 - the contract's signature
        return ()

    def cost(self, *operands: Shape) -> Cost:
        d, e = self._widths(*operands)
        scores = operands[0][0] * operands[1][0] * self.heads
        return Cost(scores * (d + e), scores * (2 * (d + e) + 6))

    def record(self) -> str:
        return f"attend {' '.join(map(repr, self))}"

    def _widths(self, *operands: Shape) -> tuple[int, int]:
        """Return d and e, the features of a head's key and value."""
        _, key, value = operands
        widths = [fixed(x[1], "the axis of features") for x in (key, value)]
        for width in widths:
            if width % self.key_heads:
                raise OperationFault(f"it reads {width} features, which {self.key_heads} heads do not divide")
        return widths[0] // self.key_heads, widths[1] // self.key_heads
