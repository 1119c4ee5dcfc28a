"""YAML text to a tree that knows its places: bounded, one reading for every reader, comments kept between the spans."""

from netspec.source.source import Source, read_source
from netspec.source.tree import REFUSED, Mapping, Node, Path, Refused, Scalar, Sequence

__all__ = ["REFUSED", "Mapping", "Node", "Path", "Refused", "Scalar", "Sequence", "Source", "read_source"]
