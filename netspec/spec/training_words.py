"""The words of a recipe, and what other libraries call each."""

from typing import Final, Generic, Literal, TypeVar, get_args

from netspec.spec.recipe import LossKind, Metric, OptimizerKind, ScheduleKind

Word = TypeVar("Word", bound=str)


class Words(Generic[Word]):
    """A closed set of words. `noun` is what they are of, `example` how one is written with its arguments.

    `elsewhere` is what other libraries say for ours, `others` what is spelled like one of ours and means another thing;
    both in small letters alone.
    """

    __slots__ = ("elsewhere", "example", "known", "noun", "others")

    def __init__(
        self,
        noun: str,
        known: tuple[Word, ...],
        example: str = "",
        elsewhere: dict[str, Word] | None = None,
        others: tuple[str, ...] = (),
    ) -> None:
        self.noun, self.known, self.example = noun, known, example
        self.elsewhere: dict[str, Word] = {} if elsewhere is None else elsewhere
        self.others = others

    @property
    def listed(self) -> str:
        """The help that lists them."""
        return f"there are {', '.join(self.known)}"

    def ours(self, word: str) -> Word | None:
        """Return our word for that of another library."""
        folded = _folded(word)
        same = next((each for each in self.known if _folded(each) == folded and each != word.lower()), None)
        return self.elsewhere.get(folded) if same is None else same

    def is_other(self, word: str) -> bool:
        """Return whether a word means another thing than ours that are spelled like it."""
        return _folded(word) in self.others


def _folded(word: str) -> str:
    letters = "".join(letter for letter in word.lower() if letter.isalnum())
    return letters.removesuffix("loss") or letters


LOSS_WORDS: Final[Words[LossKind]] = Words(
    "a loss",
    get_args(LossKind),
    "such as `{huber: {delta: 0.5}}`",
    {
        "bce": "binary_cross_entropy",
        "bcewithlogits": "binary_cross_entropy",
        "categoricalcrossentropy": "cross_entropy",
        "ce": "cross_entropy",
        "l1": "absolute_error",
        "l2": "squared_error",
        "log": "cross_entropy",
        "mae": "absolute_error",
        "meanabsoluteerror": "absolute_error",
        "meansquarederror": "squared_error",
        "mse": "squared_error",
        "negativeloglikelihood": "cross_entropy",
        "nll": "cross_entropy",
        "sigmoidcrossentropy": "binary_cross_entropy",
        "smoothl1": "huber",
        "softmaxcrossentropy": "cross_entropy",
        "sparsecategoricalcrossentropy": "cross_entropy",
    },
)
OPTIMIZER_WORDS: Final[Words[OptimizerKind]] = Words(
    "an optimizer",
    get_args(OptimizerKind),
    "such as `{sgd: {momentum: 0.9}}`",
    {"gd": "sgd", "gradientdescent": "sgd", "momentum": "sgd", "nesterov": "sgd", "stochasticgradientdescent": "sgd"},
    ("adadelta", "adagrad", "adamax", "asgd", "lion", "nadam", "radam", "rprop"),
)
SCHEDULE_WORDS: Final[Words[ScheduleKind]] = Words(
    "a schedule",
    get_args(ScheduleKind),
    "such as `{step: {every: 10, factor: 0.5}}`",
    {
        "constantlr": "constant",
        "cosineannealing": "cosine",
        "cosineannealinglr": "cosine",
        "cosinedecay": "cosine",
        "exponentialdecay": "exponential",
        "exponentiallr": "exponential",
        "fixed": "constant",
        "none": "constant",
        "piecewiseconstant": "step",
        "staircase": "step",
        "steplr": "step",
    },
)
METRIC_WORDS: Final[Words[Metric]] = Words(
    "a metric",
    get_args(Metric),
    "",
    {
        "acc": "accuracy",
        "categoricalaccuracy": "accuracy",
        "errorrate": "error",
        "meanabsoluteerror": "mae",
        "r2score": "r2",
        "rootmeansquarederror": "rmse",
        "sparsecategoricalaccuracy": "accuracy",
        "topkcategoricalaccuracy": "top_5",
    },
    ("mse",),
)
BATCH_WORDS: Final[Words[Literal["full"]]] = Words(
    "a batch", ("full",), "", {"all": "full", "fullbatch": "full", "none": "full", "whole": "full"}
)
STOPPING_WORDS: Final[Words[Literal["loss"] | Metric]] = Words(
    METRIC_WORDS.noun,
    ("loss", *METRIC_WORDS.known),
    "",
    {**METRIC_WORDS.elsewhere, "val": "loss", "valacc": "accuracy", "valaccuracy": "accuracy", "validation": "loss"},
    METRIC_WORDS.others,
)

ARGUMENTS_ELSEWHERE: Final[dict[str, str]] = {
    "alpha": "beta_2",
    "beta1": "beta_1",
    "beta2": "beta_2",
    "decay_rate": "factor",
    "decay_steps": "every",
    "eps": "epsilon",
    "eta_min": "minimum",
    "gamma": "factor",
    "label_smoothing": "smoothing",
    "lr": "learning_rate",
    "max_norm": "norm",
    "min_delta": "at_least",
    "monitor": "metric",
    "rho": "beta_2",
    "step_size": "every",
    "warmup": "warm_up",
    "warmup_epochs": "warm_up",
}
"""What PyTorch and Keras call an argument, or a key of the whole, in small letters and with `_`."""
