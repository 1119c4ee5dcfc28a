"""The command line: one module per command, which parses, calls, renders and gives back the exit code."""

from netspec.cli.app import enter, main

__all__ = ["enter", "main"]
