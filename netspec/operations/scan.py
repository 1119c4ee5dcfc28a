"""The recurrent networks: a state carried from each position of a sequence to the next."""

from typing import Final, Literal, NamedTuple

from netspec.operations.operation import Cost, Linearity, OperationFault, Role, Shape, fixed, written

ScanKind = Literal["rnn", "lstm", "gru"]
ScanFunction = Literal["tanh", "relu"]

# Of each kind its gates, and the FLOPs for each element of the state besides its affine maps: activations, and products
# and sums.
_GATES: Final = {"rnn": (1, 1), "lstm": (4, 5 + 4), "gru": (3, 3 + 5)}


class Scan(NamedTuple):
    """h_t = f(Ω_input x_t + β_input, Ω_hidden h_{t-1} + β_hidden), h_{-1} = 0, and y = (h_0, h_1, …).

    x: (T, D), y: (T, width), Ω_input: (g width, D), Ω_hidden: (g width, width), β_input and β_hidden: (g width,), the
    g gates stacked. Where `reverse` it goes from the last position to the first. As torch.nn.RNN, LSTM and GRU:

    * rnn, g = 1: h = a[u + v], a being `function`, u and v the two affine maps;
    * lstm, g = 4 (i, f, c, o): k_t = σ(f) k_{t-1} + σ(i) tanh(c), h = σ(o) tanh(k), each gate u + v;
    * gru, g = 3 (r, z, n): h = (1 - σ(z)) tanh(u_n + σ(r) v_n) + σ(z) h_{t-1}, r and z being u + v.

    Cost: D + width macs for each gate and element of the state, two FLOPs where there are the β, and one for each
    activation, product and sum of the formula: 1, 9 and 8.
    """

    kind: ScanKind
    width: int
    reverse: bool = False
    bias: bool = True
    function: ScanFunction = "tanh"

    @property
    def keyword(self) -> str:
        return self.kind

    @property
    def linearity(self) -> Linearity:
        return "piecewise linear" if self.kind == "rnn" and self.function == "relu" else "smooth"

    @property
    def gates(self) -> int:
        """g, the gates of an element of the state."""
        return _GATES[self.kind][0]

    def shape(self, *operands: Shape) -> Shape:
        (x,) = operands
        if len(x) != 2:
            raise OperationFault(f"it reads (positions, features), and gets {written(x)}")
        return (x[0], self.width)

    def roles(self, *operands: Shape) -> tuple[Role, ...]:
        rows, size = self.gates * self.width, fixed(operands[0][1], "the axis of features")
        found: list[Role] = []
        for role, columns in (("input", size), ("hidden", self.width)):
            if self.bias:
                found.append(Role(f"beta_{role}", (rows,)))
            found.append(Role(f"Omega_{role}", (rows, columns), columns, self.width, "drawn"))
        return tuple(found)

    def cost(self, *operands: Shape) -> Cost:
        positions, size = operands[0]
        gates, steps = _GATES[self.kind]
        states = positions * self.width
        macs = states * gates * (size + self.width)
        return Cost(macs, 2 * macs + states * (steps + (2 * gates if self.bias else 0)))

    def record(self) -> str:
        return f"scan {' '.join(map(repr, self))}"
