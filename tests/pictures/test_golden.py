"""Pictures to the byte: those that were looked at, and the same from every process."""

import hashlib
import os
import subprocess
import sys

import pytest

from tests.pictures.golden import FOLDER, pictures

PICTURES = dict(pictures())


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_the_one_that_was_reviewed(name: str) -> None:
    assert PICTURES[name] == (FOLDER / name).read_text(encoding="utf-8")


def test_every_golden_picture_is_drawn() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(PICTURES)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_order_of_hashes_changes_no_byte(seed: str) -> None:
    code = (
        "import hashlib; from tests.pictures.golden import pictures; "
        "print(hashlib.sha256(repr(list(pictures())).encode()).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == hashlib.sha256(repr(list(pictures())).encode()).hexdigest()
