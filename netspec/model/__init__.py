"""A network with parameters: where they come from, the model that computes, and its files."""

from netspec.model.loading import load_model
from netspec.model.memory import check_memory
from netspec.model.model import Model, mapping, stored_bytes
from netspec.model.tensors import Wish, holds_values, provide

__all__ = ["Model", "Wish", "check_memory", "holds_values", "load_model", "mapping", "provide", "stored_bytes"]
