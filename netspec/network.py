"""The public Network: a spec that was checked, with what is inferred of it; and the models built of it."""

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from netspec.diagnostics import Diagnostic, FileFault, SpecError
from netspec.files.folder import Folder, read_named
from netspec.graph import Facts, Tensor, tensors
from netspec.limits import INTEGER_DIGITS, SPEC_BYTES
from netspec.operations import Graph
from netspec.spec import Draw, Dtype, Hyperparameter, Library, ParameterFile, Part, declare
from netspec.validation import AS_WRITTEN, Choice, Verdict, check_file, check_text

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import ArrayLike

    from netspec.model.model import Model
    from netspec.spec.recipe import Recipe
    from netspec.training.loop import Watch
    from netspec.training.training import Keeping, Trained


class Network:
    """One network: a spec under one setting of its hyperparameters.

    Made of the keys of a file, as keyword arguments: `Network(netspec=1, input=1, widths=[3, 3], output=1)`; or read
    from a file by `netspec.load`. Raises SpecError, which carries the diagnostics, where the spec is refused.

    Attributes: `part` (the evaluated spec), `operations` (the graph of operations), `facts`, `warnings`, and `sources`
    (the text of each file it was read from).
    """

    def __init__(self, **keys: object) -> None:
        from netspec.spec.yaml_text import from_keys

        text = from_keys({"netspec": 1, **keys})
        self._take(check_text(text, "<keys>"), None)

    @classmethod
    def checked(cls, verdict: Verdict, root: str | None) -> "Network":
        """Return the network of a verdict; raises SpecError where it is not valid. `root` holds its files."""
        network = cls.__new__(cls)
        network._take(verdict, root)
        return network

    def _take(self, verdict: Verdict, root: str | None) -> None:
        if verdict.part is None or verdict.graph is None or verdict.facts is None:
            raise SpecError(verdict.diagnostics, verdict.sources)
        self.part: Part = verdict.part
        self.operations: Graph = verdict.graph
        self.facts: Facts = verdict.facts
        self.warnings: tuple[Diagnostic, ...] = verdict.diagnostics
        self.sources: Mapping[str, str] = verdict.sources
        self._root = root

    @property
    def name(self) -> str:
        """The network's name."""
        return self.part.name

    @property
    def description(self) -> str | None:
        """What the author says it is."""
        return self.part.head.description

    @property
    def dtype(self) -> Dtype:
        """What it computes in."""
        return self.part.head.dtype

    @property
    def fingerprint(self) -> str:
        """The identity of the architecture: equal for equal graphs, whatever their text."""
        return self.facts.fingerprint

    @property
    def files(self) -> tuple[str, ...]:
        """The files it was made from, specs and parameters, as paths from the working folder."""
        if self._root is None:
            return ()
        beside = [
            os.path.join(os.path.dirname(within.document.file), within.claims.parameters.path)
            for within in self.part.parts()
            if isinstance(within.claims.parameters, ParameterFile)
        ]
        return (*self.sources, *beside)

    def tensors(self) -> Iterator[Tensor]:
        """Yield every tensor, shared ones once, in the order of the graph; K = 10^6 layers are two million."""
        return tensors(self.operations)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor by its name: `beta_k` (D_{k+1},), `Omega_k` (D_{k+1}, D_k)."""
        return {tensor.name: tensor.shape for tensor in self.tensors()}

    @cached_property
    def graph(self) -> "nx.MultiDiGraph":
        """The network as a networkx graph, a repeat as one node; `netspec.graph.view` describes its attributes."""
        return self.view()

    def view(self, *, unrolled: bool = False) -> "nx.MultiDiGraph":
        """Return the networkx graph anew; `unrolled` gives every round of a repeat a node of its own."""
        from netspec.graph.view import view

        return view(self.operations, unrolled=unrolled)

    def expand(self) -> str:
        """Return the long form as YAML: parts written out, every default, size and name; the same fingerprint."""
        from netspec.spec.expand import expand_text

        return expand_text(self.part)

    def to_yaml(self) -> str:
        """Return the spec as it was written, or as the keys it was made of say it."""
        return self.part.document.source.text

    def build(
        self,
        *,
        seed: int | None = None,
        dtype: Dtype | None = None,
        exact: bool = False,
        max_memory: int | None = None,
    ) -> "Model":
        """Return the network with parameters: drawn, or as the spec gives them.

        `seed` is for what is drawn (default: the spec's, else 0); `dtype` float32 or float64 (default: the spec's).
        `exact` keeps every sum as the spec has it: nothing is folded, carried on, transformed or fitted.
        Same spec, seed and dtype: the same values on every machine. Raises SystemFault where the model has too many
        tensors, and where parameters need more than `max_memory` bytes (default: what is free): values given by the
        spec at once, those that are drawn when they are first asked for whole.
        """
        from netspec.model import Model, Wish, check_memory, holds_values, provide, stored_bytes

        chosen: Dtype = self.dtype if dtype is None else dtype
        if chosen not in ("float32", "float64"):
            raise ValueError(f"dtype is {chosen!r}; expected 'float32' or 'float64'")
        seed = None if seed is None else _seed(seed)
        facts = Facts(self.operations, chosen)
        if holds_values(self.part):
            check_memory(stored_bytes(facts, chosen), max_memory, f"building {self.name}")
        wish = Wish(chosen, seed)
        if self._root is None:
            sources = provide(self.part, self.operations, wish, None)
        else:
            with Folder(self._root) as folder:
                sources = provide(self.part, self.operations, wish, folder)
        return Model(self.part, self.operations, chosen, sources, self._seed(seed), max_memory, exact=exact)

    def train(
        self,
        x: "ArrayLike | Mapping[str, ArrayLike]",
        y: "ArrayLike | Mapping[str, ArrayLike]",
        /,
        recipe: "Recipe | None" = None,
        *,
        validation: "Sequence[Any] | float | None" = None,
        weights: "ArrayLike | None" = None,
        model: "Model | None" = None,
        dtype: Dtype | None = None,
        watch: "Watch | None" = None,
        keeping: "Keeping | None" = None,
        threads: int | None = None,
        **settings: Any,
    ) -> "Trained":
        """Return the network trained on arrays: `model`, how it ended, and the history of its epochs.

        x: (rows, D_i), y: (rows, D_o), classes (rows,) or words; several by the names of inputs and outputs. The recipe
        is that of the spec unless given, with `settings` in place of its keys, spelled as under `training:` of a spec:
        `optimizer={"sgd": {"momentum": 0.9}}, learning_rate=0.05, batch=100, epochs=50`. `validation` is a share of the
        rows, or a pair of arrays; `weights` (rows,); training goes on from `model`, one of this network, else from
        parameters as `build` draws them, and words keep the classes that `model` has them for. `seed` is for those
        parameters, too, as that of the command line; the seed of a recipe is not. Ctrl-C ends it after a step, with
        the best epoch where there is a validation part, else with that step. `threads` are those of BLAS meanwhile, set
        by threadpoolctl.

        Raises ValueError for arrays that do not fit, SystemFault for settings that do not, and for a model of another
        network, TypeError for an argument of another type. A log or checkpoint of `keeping` that cannot be written ends
        it like Ctrl-C, and `outcome.failure` says why. Warns with a DivergenceWarning where the training diverged.
        """
        from netspec.runtime.threads import threads_of_blas
        from netspec.training.arrays import train_on_arrays
        from netspec.training.outcome import DivergenceWarning
        from netspec.training.settings import recipe_of
        from netspec.training.start import going_on

        recipe = recipe_of(self.part, recipe, settings)
        if model is None:
            begun = self.build(seed=None if settings.get("seed") is None else recipe.seed, dtype=dtype)
        else:
            begun = going_on(model, self.part, self.operations, dtype)
        with threads_of_blas(threads):
            trained = train_on_arrays(begun, x, y, recipe, validation, weights, watch, keeping)
        if trained.outcome.divergence is not None:
            advice = f"try a smaller learning rate than {trained.recipe.rate:.4g}"
            told = f"the training of {self.name} {trained.outcome.sentence}; {advice}"
            warnings.warn(told, DivergenceWarning, stacklevel=2)
        return trained

    def member(self, variant: str | None = None, settings: Mapping[str, Any] | None = None) -> "Network":
        """Return another network of the same family: its spec, read again under a variant and other settings.

        Without a variant, what this network was read under holds where `settings` say nothing. Raises SpecError where
        the spec is refused, SystemFault where its file is no more.
        """
        held = self.part.settings if variant is None else {}
        choice = Choice(self.part.variant if variant is None else variant, {**held, **_numbers(settings)})
        file = self.part.document.file
        if self._root is None:
            return Network.checked(check_text(self.to_yaml(), file, choice=choice), None)
        return load_choice(file, self._root, choice)

    def _seed(self, seed: int | None) -> int | None:
        drawn = self.part.claims.parameters
        if seed is not None:
            return seed
        return drawn.seed if isinstance(drawn, Draw) else 0 if drawn is None else None

    def __repr__(self) -> str:
        from netspec.model import mapping

        return f"<netspec.Network {self.name}: {mapping(self.facts)}, {self.facts.parameters:,} parameters>"

    def _repr_html_(self) -> str:
        """Return the table that notebooks show."""
        from netspec.summary.html import render_html

        return render_html(self.part, self.operations, self.facts)


Spec = str | os.PathLike[str] | Mapping[str, object] | Network
"""What a spec may be given as: the path of its file, its text, its keys, or a network of its family."""


def load(
    path: str | os.PathLike[str],
    *,
    root: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Network:
    """Return the network that a spec file declares.

    What the spec refers to is opened below `root` (its own folder unless given); `variant` names one of its variants,
    `settings` sets hyperparameters. Raises SpecError where the spec is refused, SystemFault where there is no file.
    """
    given = _numbers(settings)
    choice = AS_WRITTEN if variant is None and not given else Choice(variant, given)
    return load_choice(os.fspath(path), None if root is None else os.fspath(root), choice)


def load_choice(path: str, root: str | None, choice: Choice) -> Network:
    """Return the network of the family that a choice names; `load` in the words of the command line."""
    return Network.checked(check_file(path, root=root, choice=choice), os.path.dirname(path) if root is None else root)


def _numbers(settings: Mapping[str, Any] | None) -> dict[str, object]:
    """Return settings with the numbers of Python's in them."""
    return {} if settings is None else {name: _number(value) for name, value in settings.items()}


def _number(value: object) -> object:
    """Return a NumPy scalar as the number of Python's that it is, and any other value as it is."""
    item = getattr(value, "item", None)
    return item() if callable(item) else value


def _seed(value: object) -> int:
    """Return a seed; TypeError for what is no integer, ValueError for what is out of range."""
    value = _number(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"seed is {value!r}; expected an integer")
    if not 0 <= value < 10**INTEGER_DIGITS.value:
        raise ValueError(f"seed is {value}; expected 0 or more, of at most {INTEGER_DIGITS.value} digits")
    return value


def loads(
    text: str, *, name: str = "<text>", variant: str | None = None, settings: Mapping[str, Any] | None = None
) -> Network:
    """Return the network that the text of a spec declares; it refers to no files.

    `name` stands for the file in messages; `variant` and `settings` are as in `load`. Raises SpecError.
    """
    return Network.checked(check_text(text, name, choice=Choice(variant, _numbers(settings))), None)


def member(spec: Spec, variant: str | None, settings: Mapping[str, Any] | None, sizes: Mapping[str, int]) -> Network:
    """Return a network of the family that a spec declares, whatever the spec is given as.

    `sizes` set the hyperparameters that are called so and that `settings` leave open; what else they name is passed
    over. Raises SpecError where the spec is refused, SystemFault where there is no file.
    """
    names = _settable(spec)
    given = {name: size for name, size in sizes.items() if name in names} | dict(settings or {})
    if isinstance(spec, Network):
        return spec if variant is None and not given else spec.member(variant, given)
    path = _path(spec)
    if path is not None:
        return load(path, variant=variant, settings=given)
    return loads(_text(spec), name=_name(spec), variant=variant, settings=given)


def _path(spec: Spec) -> str | None:
    """Return the path that a spec is given by, None where it is given itself: a text of one line may be a path."""
    if isinstance(spec, os.PathLike):
        return os.fspath(spec)
    return spec if isinstance(spec, str) and "\n" not in spec and spec.endswith((".yaml", ".yml")) else None


def _text(spec: Spec) -> str:
    """Return the text of a spec that is given as one, or as its keys."""
    from netspec.spec.yaml_text import from_keys

    return from_keys({"netspec": 1, **spec}) if isinstance(spec, Mapping) else str(spec)


def _name(spec: Spec) -> str:
    return "<keys>" if isinstance(spec, Mapping) else "<text>"


def _settable(spec: Spec) -> list[str]:
    """Return the hyperparameters of a spec that may be set; none where it cannot be read, which its reading tells."""
    declared: dict[str, Hyperparameter | None] = {}
    if isinstance(spec, Network):
        declared.update(spec.part.declared)
    else:
        path = _path(spec)
        try:
            data = _text(spec).encode(errors="surrogatepass") if path is None else read_named(path, SPEC_BYTES)
        except FileFault:
            return []
        said = Library(None).add(data, "spec", "spec").data.get("hyperparameters")
        declared.update({name: declare(value) for name, value in said.items()} if isinstance(said, dict) else {})
    return [name for name, found in declared.items() if found is not None and found.derived is None]


def validate(path: str | os.PathLike[str], *, root: str | os.PathLike[str] | None = None) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a spec file, variants included, in the order of the file; empty where nothing is."""
    return check_file(os.fspath(path), root=None if root is None else os.fspath(root)).diagnostics
