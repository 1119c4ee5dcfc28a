"""The files of one spec: each read once, and all together within bounds."""

from pathlib import Path

import pytest

from netspec.diagnostics import FileFault
from netspec.files.folder import Folder
from netspec.spec import Library
from netspec.validation import check_file

NET = "netspec: 1\ninput: 1\nwidths: [3]\noutput: 1\n"


def check(folder: Path, files: dict[str, str]) -> list[tuple[str, str]]:
    """Return code and headline of what is wrong with `spec.yaml` among the files."""
    for name, text in files.items():
        (folder / name).write_text(text)
    return [(fault.code, fault.headline) for fault in check_file(str(folder / "spec.yaml")).diagnostics]


def test_a_file_is_read_once_by_whatever_path(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "fold.yaml").write_text(NET)
    with Folder(str(tmp_path)) as folder:
        library = Library(folder, "nets/")
        first = library.open("spec.yaml", "parts/fold.yaml")
        (tmp_path / "parts" / "fold.yaml").unlink()
        assert library.open("parts/other.yaml", "./fold.yaml") is first
    assert (first.relative, first.file) == ("parts/fold.yaml", "nets/parts/fold.yaml")
    assert library.sources == {"nets/parts/fold.yaml": NET}


def test_without_a_folder_no_file_is_opened() -> None:
    with pytest.raises(FileFault) as raised:
        Library(None).open("spec.yaml", "fold.yaml")
    assert raised.value.code == "no-root"


def test_the_files_of_a_spec_have_so_many_bytes_together(tmp_path: Path) -> None:
    large = NET + "#" * (1_000_000 - len(NET))
    files = {f"p{i}.yaml": large for i in range(5)}
    found = check(tmp_path, {"spec.yaml": f"netspec: 1\ncompose: [{', '.join(files)}]\n", **files})
    assert found == [("file-too-large", "`p4.yaml`: a spec and its parts may have 4,194,304 bytes together")]


def test_the_files_of_a_spec_have_so_many_values_together(tmp_path: Path) -> None:
    large = NET.replace("[3]", f"[{', '.join(['3'] * 90_000)}]")
    files = {f"p{i}.yaml": large for i in range(3)}
    found = check(tmp_path, {"spec.yaml": f"netspec: 1\ncompose: [{', '.join(files)}]\n", **files})
    assert found == [("too-many-values", "`p2.yaml`: a spec and its parts may have 200,000 values together")]


def test_the_expressions_of_a_spec_have_so_many_letters_together(tmp_path: Path) -> None:
    large = NET.replace("[3]", f"[{', '.join(['1 + 1 + 1 + 1 + 1'] * 8_000)}]")
    files = {"a.yaml": large, "b.yaml": large}
    found = check(tmp_path, {"spec.yaml": "netspec: 1\ncompose: [a.yaml, b.yaml]\n", **files})
    words = "`b.yaml`: the expressions of a spec and its parts may have 250,000 characters together"
    assert found == [("expression-too-long", words)]


def test_what_is_no_expression_of_its_own_has_no_such_bound(tmp_path: Path) -> None:
    """Names, paths, quotients and texts may be as many as there may be values."""
    quotients = ", ".join(["123456789/987654321"] * 20_000)
    text = (
        f"netspec: 1\ndescription: {'1 + ' * 100_000}\ninput: 20000\nK: 0\noutput: 1\n"
        f"parameters: {{beta_0: [0], Omega_0: [[{quotients}]]}}\n"
    )
    assert check(tmp_path, {"spec.yaml": text}) == []
