"""What the commands that write and run take for a place, a spec, a model or a table, by their names."""

from pathlib import Path

import pytest

from netspec.cli import main

SPEC = "netspec: 1\nhyperparameters: {D: 3}\ninput: 1\nwidths: [D]\noutput: 1\nvariants:\n  big: {D: 5}\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("family.yaml").write_text(SPEC, encoding="utf-8")
    Path("data.csv").write_text("1\n2\n", encoding="utf-8")
    Path("out").mkdir()


@pytest.mark.parametrize(
    ("spec", "flags", "name"),
    [
        ("family.yaml", [], "family"),
        ("family.yaml", ["--variant", "big"], "family-big"),
        ("1 odd.yaml", [], "network"),
        ("1 odd.yaml", ["--variant", "big"], "network-big"),
    ],
)
def test_a_model_is_named_by_its_spec_and_variant_unless_a_name_is_given(
    spec: str, flags: list[str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("family.yaml").rename(spec)
    assert main(["build", spec, *flags]) == 0
    assert capsys.readouterr().out.startswith(f"build/{name}.pyz: ")
    assert [path.name for path in Path("build").iterdir()] == [f"{name}.pyz"]


@pytest.mark.parametrize(
    ("arguments", "out", "better"),
    [
        (["build"], "out", "out/family.pyz"),
        (["build"], "missing/", "missing/family.pyz"),
        (["build"], ".", "./family.pyz"),
        (["graph"], "out", "out/family.svg"),
        (["graph", "--format", "mermaid"], "out/", "out/family.mmd"),
        (["expand"], "out", "out/family-expanded.yaml"),
    ],
)
def test_a_folder_is_no_place_to_write(
    arguments: list[str], out: str, better: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command, *flags = arguments
    assert main([command, "family.yaml", *flags, "-o", out]) == 2
    text = f"error[bad-target]: `{out}` names a folder, not a file\n   = help: name a file in it: `-o {better}`\n"
    assert capsys.readouterr() == ("", text)
    assert list(Path("out").iterdir()) == []


@pytest.mark.parametrize("first", ["family.yaml", "model.pyz", "model.safetensors"])
def test_a_table_before_its_model_or_spec_is_seen(first: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "data.csv", first]) == 2
    headline = f"`data.csv` and `{first}` are swapped: the model or spec comes first, then the table"
    assert capsys.readouterr() == ("", f"error[usage]: {headline}\n   = help: `netspec run {first} data.csv`\n")


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("model.txt", "a model is a .pyz or .safetensors file, a spec a .yaml file"),
        ("model.py", "import a .py as a module"),
    ],
)
def test_what_is_neither_a_model_nor_a_spec_is_said(name: str, fix: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", name, "data.csv"]) == 2
    text = f"error[not-a-model]: `{name}` is neither a model nor a spec by its name\n   = help: {fix}\n"
    assert capsys.readouterr() == ("", text)
