"""Networks as estimators of scikit-learn: NetworkClassifier and NetworkRegressor.

An estimator is made of a spec, and trains the network that the spec declares. Where the spec has hyperparameters called
`features`, and `classes` or `outputs`, they follow the data; all others are set by `settings`, or one by one as
`settings__D`, which is how a search reaches them.
"""

import sys
import warnings
from collections.abc import Mapping
from math import prod
from numbers import Integral
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netspec.gradients.heads import ending
from netspec.gradients.program import plain_flow
from netspec.model import Model
from netspec.network import Network, Spec, member
from netspec.operations import Shape
from netspec.runtime.ports import Port
from netspec.spec import Dtype
from netspec.spec.recipe import Loss, LossKind, Recipe
from netspec.training.arrays import train_on_arrays
from netspec.training.progress import Epoch
from netspec.training.settings import with_settings
from netspec.training.start import going_on, is_of

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.utils import check_random_state, compute_class_weight
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "netspec.sklearn needs scikit-learn: pip install 'netspec-lang[sklearn]'", name=missing.name
    ) from None

__all__ = ["NetworkClassifier", "NetworkRegressor"]

Array = NDArray[Any]

_FEATURES, _CLASSES, _OUTPUTS = "features", "classes", "outputs"
_SETTING: Final = "settings__"


def _perceptron(output: str) -> str:
    """Return the spec of an estimator that is given none: one hidden layer of D units."""
    return (
        "netspec: 1\n"
        "name: perceptron\n"
        f"hyperparameters: {{features: int, {output}: int, D: 100}}\n"
        "dtype: float64\n"
        "input: features\n"
        "widths: [D]\n"
        f"output: {output}\n"
    )


def _width(network: Network, shapes: Mapping[str, Shape], noun: str) -> int:
    """Return how many numbers the only input or output has. Raises ValueError for several, and for a free size."""
    if len(shapes) != 1:
        raise ValueError(f"the network {network.name} has {len(shapes)} {noun}s; an estimator is made of one with one")
    (shape,) = shapes.values()
    sizes = [size for size in shape if isinstance(size, int)]
    if len(sizes) < len(shape):
        raise ValueError(f"the {noun} of the network {network.name} has a free size; an estimator needs a fixed one")
    return prod(sizes)


def _misfit(network: Network, found: str, width: str, key: str, hyperparameter: str) -> ValueError:
    """Return the fault of a width that does not fit."""
    return ValueError(
        f"{found}, and the network {network.name} {width}; `{key}: {hyperparameter}`, with `{hyperparameter}: int` "
        "among its hyperparameters, follows the data"
    )


def _weights(sample_weight: ArrayLike | None, X: Array) -> Array | None:
    """Return the weight of each row, None where all are alike. Raises ValueError for what are no weights."""
    if sample_weight is None:
        return None
    weights = np.asarray(_check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True))
    if not weights.any():  # which scikit-learn refuses itself from 1.9 on
        raise ValueError("every sample_weight is zero, so that no row counts")
    return weights


class _Lines:
    """Tells of every so many epochs on standard output."""

    def __init__(self, every: int) -> None:
        self._every = every

    def step(self, epoch: int, step: int, steps: int, loss: float) -> None:
        """Hear of a step."""

    def epoch(self, epoch: Epoch) -> None:
        """Hear of an epoch, and tell of it in a line."""
        if epoch.epoch % self._every:
            return
        said = {"loss": epoch.loss, "validation loss": epoch.validation_loss, **epoch.metrics}
        numbers = ", ".join(f"{name} {value:.6g}" for name, value in said.items() if value is not None)
        sys.stdout.write(f"epoch {epoch.epoch:,}: {numbers}\n")


class _NetworkEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What both estimators share: their parameters, the training, and the outputs of the network."""

    _output: str  # what y has, and the hyperparameter that follows it
    _losses: tuple[LossKind, ...]
    _loss_of_one: LossKind  # of a single output; of several the first of the losses
    model_: Model
    history_: tuple[Epoch, ...]

    def __init__(
        self,
        spec: Spec | None = None,
        *,
        variant: str | None = None,
        settings: Mapping[str, Any] | None = None,
        loss: Any = None,
        optimizer: Any = None,
        learning_rate: float | None = None,
        schedule: Any = None,
        batch: int | str | None = None,
        epochs: int | None = None,
        weight_decay: float | None = None,
        clip: Any = None,
        shuffle: bool | None = None,
        validation: float | None = None,
        early_stopping: Any = None,
        standardise: Any = None,
        metrics: Any = None,
        recompute: bool | None = None,
        batch_norm_momentum: float | None = None,
        dtype: Dtype | None = None,
        random_state: Any = None,
        warm_start: bool = False,
        verbose: int = 0,
    ) -> None:
        self.spec, self.variant, self.settings, self.dtype = spec, variant, settings, dtype
        self.loss, self.optimizer, self.learning_rate, self.schedule = loss, optimizer, learning_rate, schedule
        self.batch, self.epochs, self.shuffle, self.validation = batch, epochs, shuffle, validation
        self.weight_decay, self.clip, self.early_stopping = weight_decay, clip, early_stopping
        self.standardise, self.metrics, self.recompute = standardise, metrics, recompute
        self.batch_norm_momentum, self.random_state = batch_norm_momentum, random_state
        self.warm_start, self.verbose = warm_start, verbose

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name; `deep` gives each of the `settings` as one, too: `settings__D`."""
        found: dict[str, Any] = super().get_params(deep=deep)
        if deep and isinstance(self.settings, Mapping):
            found |= {f"{_SETTING}{name}": value for name, value in self.settings.items()}
        return found

    def set_params(self, **params: Any) -> Any:
        """Return the estimator with some parameters changed; `settings__D` sets one of the settings."""
        settings = {name: value for name, value in params.items() if name.startswith(_SETTING)}
        super().set_params(**{name: value for name, value in params.items() if name not in settings})
        if settings:
            named = {name.removeprefix(_SETTING): value for name, value in settings.items()}
            self.settings = {**(self.settings or {}), **named}
        return self

    def _train(self, X: Array, y: Array, weights: Array | None, count: int, own: Mapping[str, Any]) -> None:
        """Train the network on targets of `count` classes or outputs; `own` are fields of the recipe."""
        sizes = {_FEATURES: X.shape[1], self._output: count}
        spec = _perceptron(self._output) if self.spec is None else self.spec
        network = member(spec, self.variant, self.settings, sizes)
        width = _width(network, network.facts.inputs, "input")
        if width != X.shape[1]:
            raise _misfit(network, f"X has {X.shape[1]:,} {_FEATURES}", f"takes {width:,}", "input", _FEATURES)
        width = _width(network, network.facts.outputs, "output")
        if width != count and (self._output, width, count) != (_CLASSES, 1, 2):
            raise _misfit(network, f"y has {count:,} {self._output}", f"gives {width:,}", "output", self._output)
        warm = self.warm_start and "model_" in vars(self)
        if warm and not is_of(self.model_, network.operations):
            raise ValueError("warm_start goes on with the network of before, and this is another")
        seed, earlier = self._seed(), self.history_ if warm else ()
        model = self.model_ if warm else network.build(seed=seed, dtype=self.dtype)
        recipe = self._recipe(network, model.outputs[0])._replace(**own)
        # What goes on has seen some orders of the rows, and draws others.
        recipe = recipe._replace(seed=(recipe.seed if seed is None else seed) + len(earlier))
        counted = np.arange(len(X)) if weights is None else np.flatnonzero(weights)
        trained = train_on_arrays(  # and not `network.train`, which warns of a divergence in a way of its own
            going_on(model, network.part, network.operations, self.dtype),
            _shaped(X[counted], model.inputs[0]),
            _shaped(y[counted], model.outputs[0]) if y.dtype.kind == "f" else y[counted],
            recipe,
            weights=None if weights is None else weights[counted],
            watch=_Lines(int(self.verbose)) if self.verbose else None,
        )
        self.model_, self.recipe_, outcome = trained.model, trained.recipe, trained.outcome
        self.history_ = (*earlier, *(each._replace(epoch=each.epoch + len(earlier)) for each in outcome.history))
        self.loss_curve_ = [epoch.loss for epoch in self.history_]
        self.n_iter_ = len(self.history_)
        if outcome.ended in ("diverged", "interrupted"):
            kind = ConvergenceWarning if outcome.ended == "diverged" else UserWarning
            warnings.warn(f"the training of {network.name} {outcome.sentence}", kind, stacklevel=3)

    def _seed(self) -> int | None:
        """Return the seed of this fit; None leaves it to the spec."""
        given = self.random_state
        if given is None or isinstance(given, Integral):
            return given if given is None else int(given)
        return int(check_random_state(given).randint(2**31 - 1))

    def _recipe(self, network: Network, port: Port) -> Recipe:
        """Return the recipe of the spec, with the parameters that are given in place of its keys, and a loss."""
        keys = {key: value for key, value in self.get_params(deep=False).items() if key in Recipe._fields}
        given = {key: value for key, value in keys.items() if value is not None}
        recipe = with_settings(network.part.training or Recipe(), given, network.part.scope.values)
        by_name = recipe.loss if isinstance(recipe.loss, Mapping) else None
        loss = recipe.loss if by_name is None else by_name.get(port.name)
        if not isinstance(loss, Loss):
            loss = Loss(self._loss_of_one if prod(map(int, port.shape)) == 1 else self._losses[0])
        elif loss.kind not in self._losses:
            raise ValueError(f"the loss is {loss.kind}; a {type(self).__name__} has {' or '.join(self._losses)}")
        return recipe._replace(loss=loss if by_name is None else {**by_name, port.name: loss})

    def _outputs(self, X: Any) -> Array:
        """Return the outputs of the network in float64, (rows, numbers)."""
        check_is_fitted(self, "model_")
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        y = self.model_(_shaped(X, self.model_.inputs[0]))
        y = next(iter(y.values())) if isinstance(y, dict) else y
        return np.asarray(y, np.float64).reshape(len(X), -1)


def _shaped(rows: Array, port: Port) -> Array:
    """Return rows of numbers in the shape of one input or output. Raises ValueError where it is of integers."""
    if port.dtype == "int64" and rows.dtype.kind == "f":
        if not (rows == np.floor(rows)).all():
            raise ValueError("the input of the network is of integers, and X is not")
        rows = rows.astype(np.int64)
    return rows.reshape(len(rows), *port.shape)


class NetworkClassifier(ClassifierMixin, _NetworkEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A classifier that trains the network of a spec.

    `spec` is the path of a file, the text of a spec, its keys as a mapping, or a Network; without one it is a
    perceptron with a hidden layer of D = 100 units. Its hyperparameters `features` and `classes`, where it declares
    them, follow the data; `variant` and `settings` choose among the networks of its family, and `settings__D` sets one
    hyperparameter. The output is of one number for each class, or of a single one where there are two classes.

    The keys of a recipe are spelled as under `training:` of a spec, which says what is left out, else its defaults do.
    `class_weight` is `balanced`, or weights by class. `random_state` is the seed of all that is drawn; None is
    the spec's, so that fits are alike. `warm_start` has `fit` go on from the parameters that there are.
    `verbose` tells of every so many epochs.

    Attributes: `classes_`, `model_` (the trained Model), `recipe_`, `history_` (the epochs), `loss_curve_`, `n_iter_`,
    `n_features_in_`, `feature_names_in_`.

    Example:
        >>> from netspec.sklearn import NetworkClassifier
        >>> NetworkClassifier(epochs=20).fit([[0.0], [0.2], [0.8], [1.0]], ["low", "low", "high", "high"]).classes_
        array(['high', 'low'], dtype='<U4')
    """

    _output = _CLASSES
    _losses = ("cross_entropy", "binary_cross_entropy")
    _loss_of_one = "binary_cross_entropy"

    def __init__(
        self,
        spec: Spec | None = None,
        *,
        variant: str | None = None,
        settings: Mapping[str, Any] | None = None,
        loss: Any = None,
        optimizer: Any = None,
        learning_rate: float | None = None,
        schedule: Any = None,
        batch: int | str | None = None,
        epochs: int | None = None,
        weight_decay: float | None = None,
        clip: Any = None,
        shuffle: bool | None = None,
        validation: float | None = None,
        early_stopping: Any = None,
        standardise: Any = None,
        class_weight: Any = None,
        metrics: Any = None,
        recompute: bool | None = None,
        batch_norm_momentum: float | None = None,
        dtype: Dtype | None = None,
        random_state: Any = None,
        warm_start: bool = False,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            spec, variant=variant, settings=settings, loss=loss, optimizer=optimizer, learning_rate=learning_rate,
            schedule=schedule, batch=batch, epochs=epochs, weight_decay=weight_decay, clip=clip, shuffle=shuffle,
            validation=validation, early_stopping=early_stopping, standardise=standardise, metrics=metrics,
            recompute=recompute, batch_norm_momentum=batch_norm_momentum, dtype=dtype, random_state=random_state,
            warm_start=warm_start, verbose=verbose,
        )  # fmt: skip
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> "NetworkClassifier":
        """Return the estimator, trained. X: (rows, features), y: (rows,) of any labels, sample_weight: (rows,).

        Raises ValueError for data that do not fit the network, SpecError where the spec is refused.
        """
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32])
        check_classification_targets(y)
        classes, targets = np.unique(y, return_inverse=True)
        weights = _weights(sample_weight, X)
        if len(np.unique(targets if weights is None else targets[weights > 0])) < 2:
            raise ValueError("a classifier tells two classes or more apart, and y has rows of one class")
        if self.warm_start and not np.array_equal(vars(self).get("classes_", classes), classes):
            raise ValueError("warm_start goes on with the classes of before, and y has others")
        self.classes_: Array = classes
        own: dict[str, Any] = {}
        if self.class_weight is not None:
            found = compute_class_weight(self.class_weight, classes=classes, y=y)
            balanced = isinstance(self.class_weight, str)
            own["class_weights"] = self.class_weight if balanced else tuple(found.tolist())
        self._train(X, targets, weights, len(classes), own)
        words = tuple(classes.tolist())
        if all(isinstance(word, str) for word in words):
            self.model_ = self.model_.replaced(labels={self.model_.outputs[0].name: words})
        return self

    def decision_function(self, X: Any) -> Array:
        """Return the logits (rows, classes); where there are two classes, how far the second is ahead (rows,)."""
        logits = self._logits(X)
        return logits[:, 1] - logits[:, 0] if logits.shape[1] == 2 else logits

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class (rows, classes), in the order of `classes_`."""
        logits = self._logits(X)
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(p / p.sum(axis=1, keepdims=True))

    def predict(self, X: Any) -> Array:
        """Return the likeliest class of each row (rows,); of equal ones the first."""
        logits = self._logits(X)
        return np.asarray(self.classes_[logits.argmax(axis=1)])

    def _logits(self, X: Any) -> Array:
        """Return logits (rows, classes): 0 and the output where it is a single one, logarithms of probabilities."""
        y = self._outputs(X)
        flow = plain_flow(self.model_.graph)
        word = ending(flow, flow.left[0])
        single = y.shape[1] == 1
        if (single and word == "sigmoid") or (not single and word == "softmax"):
            tiny = np.finfo(self.model_.dtype).tiny  # what rounds to 0 is rarer than all else, and its logarithm finite
            return np.asarray(np.log(np.maximum(np.hstack([1 - y, y]) if single else y, tiny)))
        return np.hstack([np.zeros_like(y), y]) if single else y


class NetworkRegressor(RegressorMixin, _NetworkEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A regressor that trains the network of a spec, of one target or of several.

    It takes what a NetworkClassifier does, but for `class_weight`; the hyperparameters that follow the data are called
    `features` and `outputs`.

    Attributes: those of a NetworkClassifier, with `n_outputs_` in place of `classes_`.

    Example:
        >>> from netspec.sklearn import NetworkRegressor
        >>> NetworkRegressor(epochs=20).fit([[0.0], [0.5], [1.0]], [0.0, 1.0, 2.0]).predict([[0.5]]).shape
        (1,)
    """

    _output = _OUTPUTS
    _losses = ("squared_error", "absolute_error", "huber")
    _loss_of_one = "squared_error"

    def fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> "NetworkRegressor":
        """Return the estimator, trained. X: (rows, features), y: (rows,) or (rows, outputs), sample_weight: (rows,).

        Raises ValueError for data that do not fit the network, SpecError where the spec is refused.
        """
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32], multi_output=True, y_numeric=True)
        self.n_outputs_ = 1 if y.ndim == 1 else y.shape[1]
        self._train(X, np.asarray(y, np.float64), _weights(sample_weight, X), self.n_outputs_, {})
        self._is_flat = y.ndim == 1
        return self

    def predict(self, X: Any) -> Array:
        """Return the outputs, (rows,) where y was so, else (rows, outputs)."""
        y = self._outputs(X)
        return y.ravel() if self._is_flat else y

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn asks of its estimators: targets may be several."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
