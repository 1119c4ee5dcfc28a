"""The closed table of elementwise functions that may stand as an activation, with what the theory asks of each.

`breakpoints` and `collapses` describe the piecewise linear ones: how many points cut the line, and whether a whole
piece is constant, so that a unit on it adds no dimension. How a function is computed stands in the compiler.
"""

from typing import Final, NamedTuple

from netspec.operations.operation import Linearity


class Argument(NamedTuple):
    """A number that a function takes: its default, and the bounds that it must keep (None: unbounded), also that of
    `above_argument`, another one. One `added` to a function that had none is left out of records where it has its
    default, so that fingerprints stay as they were.
    """

    name: str
    default: float
    at_least: float | None = None
    above: float | None = None
    above_argument: str = ""
    added: bool = False


class Function(NamedTuple):
    """An elementwise function a[z].

    One that `jumps` is piecewise linear, and yet no bound on regions is proven for it: they ask of a function that has
    slopes to be continuous.
    """

    name: str
    formula: str
    source: str
    linearity: Linearity = "smooth"
    breakpoints: int = 0
    collapses: bool = False
    steps: bool = False
    arguments: tuple[Argument, ...] = ()
    jumps: bool = False


FUNCTIONS: Final[dict[str, Function]] = {
    function.name: function
    for function in (
        Function("relu", "max(z, 0)", "Glorot, Bordes & Bengio 2011", "piecewise linear", 1, collapses=True),
        Function("identity", "z", "the affine map itself", "affine"),
        Function(
            "leaky_relu",
            "z for z > 0, slope * z otherwise",
            "Maas, Hannun & Ng 2013; torch.nn.LeakyReLU",
            "piecewise linear",
            1,
            arguments=(Argument("slope", 0.01, at_least=0.0),),
        ),
        Function(
            "elu",
            "z for z > 0, alpha * (exp(z) - 1) otherwise",
            "Clevert, Unterthiner & Hochreiter 2016; torch.nn.ELU",
            arguments=(Argument("alpha", 1.0, above=0.0),),
        ),
        Function("selu", "λ * elu(z, α), λ = 1.0507…, α = 1.6733…", "Klambauer et al. 2017; torch.nn.SELU"),
        Function(
            "celu",
            "max(z, 0) + min(0, alpha * (exp(z / alpha) - 1))",
            "Barron 2017; torch.nn.CELU",
            arguments=(Argument("alpha", 1.0, above=0.0),),
        ),
        Function("sigmoid", "1 / (1 + exp(-z))", "the logistic function; torch.nn.Sigmoid"),
        Function("tanh", "tanh(z)", "the hyperbolic tangent; torch.nn.Tanh"),
        Function("softplus", "log(1 + exp(z))", "Dugas et al. 2001; torch.nn.Softplus"),
        Function("log_sigmoid", "-log(1 + exp(-z))", "the logarithm of the logistic function; torch.nn.LogSigmoid"),
        Function("softsign", "z / (1 + |z|)", "Bergstra et al. 2009; torch.nn.Softsign"),
        Function("silu", "z * sigmoid(z)", "Elfwing et al. 2018 (swish); torch.nn.SiLU"),
        Function("mish", "z * tanh(softplus(z))", "Misra 2020; torch.nn.Mish"),
        Function("gelu", "z/2 * (1 + erf(z / √2))", "Hendrycks & Gimpel 2016; torch.nn.GELU"),
        Function(
            "gelu_tanh",
            "z/2 * (1 + tanh(√(2/π) * (z + 0.044715 z³)))",
            "Hendrycks & Gimpel 2016; torch.nn.GELU(approximate='tanh')",
        ),
        Function(
            "relu6", "min(max(z, 0), 6)", "Krizhevsky 2010; torch.nn.ReLU6", "piecewise linear", 2, collapses=True
        ),
        Function(
            "hard_tanh",
            "min(max(z, low), high)",
            "Collobert 2004; torch.nn.Hardtanh",
            "piecewise linear",
            2,
            collapses=True,
            arguments=(
                Argument("low", -1.0, added=True),
                Argument("high", 1.0, above_argument="low", added=True),
            ),
        ),
        Function(
            "hard_sigmoid",
            "min(max(z/6 + 1/2, 0), 1)",
            "Howard et al. 2019; torch.nn.Hardsigmoid",
            "piecewise linear",
            2,
            collapses=True,
        ),
        Function("tanh_shrink", "z - tanh(z)", "the residue of tanh; torch.nn.Tanhshrink"),
        Function(
            "soft_shrink",
            "z - bound for z > bound, z + bound for z < -bound, 0 otherwise",
            "Donoho 1995; torch.nn.Softshrink",
            "piecewise linear",
            2,
            arguments=(Argument("bound", 0.5, above=0.0),),
        ),
        Function(
            "hard_shrink",
            "z for |z| > bound, 0 otherwise",
            "Donoho & Johnstone 1994; torch.nn.Hardshrink",
            "piecewise linear",
            2,
            arguments=(Argument("bound", 0.5, above=0.0),),
            jumps=True,
        ),
        Function("hard_swish", "z * hard_sigmoid(z)", "Howard et al. 2019; torch.nn.Hardswish"),
        Function(
            "heaviside",
            "1 for z > 0, 0 otherwise",
            "McCulloch & Pitts 1943 (the value at 0 is 0)",
            "piecewise linear",
            1,
            collapses=True,
            steps=True,
        ),
    )
}
"""Every activation by its name; the names are the language's, so a name is never taken back."""
