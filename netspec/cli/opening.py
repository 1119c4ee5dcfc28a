"""The network that a command is about: checked, its warnings shown, refused with all its faults."""

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from netspec.cli.choice import choice
from netspec.cli.configuring import configured_root
from netspec.cli.terminal import complaints
from netspec.diagnostics import SystemFault, quote
from netspec.layers.fields import FILE_NAME
from netspec.network import Network, load_choice

if TYPE_CHECKING:
    from netspec.model import Model
    from netspec.spec import Dtype

MEMORY_HELP: Final = "The most memory to use, such as 4GB; what the machine has free unless given."
SEED_HELP: Final = "What parameters are drawn from; the spec's own unless given, else 0."
DTYPE_HELP: Final = "What to compute in; the spec's own unless given."

MODELS: Final = (".pyz", ".safetensors")
"""The suffixes of models that are read back."""

DEFAULT_FOLDER: Final = "build"
"""Where models are written of which nobody says it."""

_AMOUNT: Final = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,3}))? ?(k|M|G|T)?i?B?\Z", re.IGNORECASE)
_UNITS: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


def open_network(spec: str, variant: str | None, sets: Sequence[str], root: str | None) -> Network:
    """Return the network that the arguments name; its warnings go to standard error. SpecError where it is refused."""
    network = load_choice(spec, configured_root(spec, root), choice(variant, sets))
    if network.warnings:
        from netspec.diagnostics.text import render_text

        errors = complaints()
        sources = network.sources
        drawn = render_text(network.warnings, sources, colour=errors.colour, width=errors.width, encode=errors.encode)
        errors.write(drawn)
    return network


def open_model(
    what: str,
    *,
    variant: str | None = None,
    sets: Sequence[str] = (),
    root: str | None = None,
    seed: int | None = None,
    dtype: "Dtype | None" = None,
    exact: bool = False,
    max_memory: int | None = None,
) -> "tuple[Model, tuple[str, ...]]":
    """Return the model that the arguments name, a spec built in memory, and the files it was made from.

    Raises SpecError where it is refused; SystemFault where an option is for a spec and this is none, and where this
    is neither a model nor a spec by its name.
    """
    if is_spec(what):
        network = open_network(what, variant, sets, root)
        return network.build(seed=seed, dtype=dtype, exact=exact, max_memory=max_memory), network.files
    for option, given in (("seed", seed), ("dtype", dtype), ("variant", variant), ("set", sets), ("root", root)):
        if given:
            raise SystemFault("usage", f"--{option} is for a spec; a model is as it was built", "leave it out")
    suffix = os.path.splitext(what)[1]
    if suffix not in MODELS:
        help_ = (
            "import a .py as a module"
            if suffix == ".py"
            else "a model is a .pyz or .safetensors file, a spec a .yaml file"
        )
        raise SystemFault("not-a-model", f"{quote(what)} is neither a model nor a spec by its name", help_)
    from netspec.model import load_model

    return load_model(what, max_memory=max_memory), (what,)


def is_spec(path: str) -> bool:
    """Return whether a path is that of a spec, by its suffix."""
    return os.path.splitext(path)[1] in (".yaml", ".yml")


def stem(spec: str) -> str:
    """Return the name for what is made of a spec: that of its file, never one by the text in it."""
    name = os.path.basename(spec).rsplit(".", 1)[0]
    return name if FILE_NAME.match(name) else "network"


def default_model(spec: str, variant: str | None) -> str:
    """Return the default place of a model, its folder made. Variants of one family do not take each other's."""
    from netspec.files.writing import make_folder

    make_folder(DEFAULT_FOLDER)
    return os.path.join(DEFAULT_FOLDER, stem(spec) + (f"-{variant}" if variant else "") + ".pyz")


def refuse_folder(out: str | None, spec: str, suffix: str) -> None:
    """Raise SystemFault `bad-target` where OUT is a folder, before anything is made that was to be written there."""
    if out is not None and (os.path.basename(out) in ("", os.curdir, os.pardir) or os.path.isdir(out)):
        better = quote(f"-o {os.path.join(out, stem(spec) + suffix)}")
        raise SystemFault("bad-target", f"{quote(out)} names a folder, not a file", f"name a file in it: {better}")


def amount(text: str | None) -> int | None:
    """Return the bytes that a text such as `4GB` or `500 MB` says. SystemFault `usage` where it says none."""
    if text is None:
        return None
    match = _AMOUNT.match(text)
    if match is None:
        raise SystemFault("usage", f"--max-memory: {quote(text)} is no amount of memory", "such as 4GB or 500MB")
    whole, part, unit = match.groups()
    return int((int(whole) + int(part or 0) / 10 ** len(part or "")) * _UNITS[(unit or "").lower()])
