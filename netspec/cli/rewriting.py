"""Specs written over with what they are to hold."""

import os

from netspec.files.writing import atomic_write


def rewrite(path: str, data: bytes) -> None:
    """Write a file that is there, whole or not at all, with the permissions that it had. Errors as `atomic_write`."""
    mode = os.stat(path).st_mode & 0o777
    with atomic_write(path, size=len(data)) as stream:
        stream.write(data)
        os.fchmod(stream.fileno(), mode)
