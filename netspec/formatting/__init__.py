"""The canonical layout of a spec file, written so that no value and no comment is lost or says something else."""

from netspec.formatting.formatting import Unsafe, format_source

__all__ = ["Unsafe", "format_source"]
