"""`netspec show`."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from netspec.cli import main
from netspec.validation import Choice
from tests.summary.networks import DEEP, LARGE, MILLION, network
from tests.summary.test_drawn import text

UNUSED = "netspec: 1\nhyperparameters: {D: 3, E: 4}\ninput: 1\nwidths: [D]\noutput: 1\n"


@pytest.fixture
def deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a spec in the working folder."""
    monkeypatch.chdir(tmp_path)
    Path("deep.yaml").write_text(DEEP, encoding="utf-8")
    return "deep.yaml"


def test_the_network_is_shown_as_written(deep: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", deep]) == 0
    assert capsys.readouterr() == (text(DEEP), "")


def test_a_variant_is_shown(deep: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", deep, "--variant", "small"]) == 0
    assert capsys.readouterr().out == text(DEEP, Choice("small"))


def test_a_hyperparameter_is_set(deep: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", deep, "--variant", "small", "--set", "depth=2"]) == 0
    assert capsys.readouterr().out == text(DEEP, Choice("small", {"depth": 2}))


def test_every_format_is_printed(deep: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", deep, "--format", "markdown"]) == 0
    assert capsys.readouterr().out.startswith("## `deep`\n\n1 → 1, float32; D = 10, depth = 5\n\n| k |")
    assert main(["show", deep, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["parameters"] == 471


def test_integers_are_whole_on_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "large.yaml"
    spec.write_text(LARGE, encoding="utf-8")
    _, _, facts = network(LARGE)
    assert facts.regions is not None
    for form in ("text", "markdown"):
        assert main(["show", str(spec), "--format", form]) == 0
        assert str(facts.regions.upper.value) not in capsys.readouterr().out
        assert main(["show", str(spec), "--format", form, "--exact"]) == 0
        assert str(facts.regions.upper.value) in capsys.readouterr().out


def test_an_invalid_spec_is_refused_with_its_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("two.yaml").write_text("netspec: 1\ninput: 1\nK: 3\nwidths: [3, 3]\noutput: 1\n", encoding="utf-8")
    assert main(["show", "two.yaml"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error[widths-count]: K is 3, but widths lists 2\n  --> two.yaml:4:9\n")


def test_a_warning_is_drawn_beside_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "network.yaml"
    spec.write_text(UNUSED, encoding="utf-8")
    assert main(["show", str(spec)]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("network: 1 → 1, float32\nD = 3, E = 4\n")
    assert printed.err.startswith("warning[unused-name]: ")


@pytest.mark.parametrize(
    ("arguments", "headline"),
    [
        (["--variant", "smal"], "error[unknown-variant]: there is no variant `smal`"),
        (["--set", "E=3"], "error[unknown-hyperparameter]: there is no hyperparameter `E`"),
        (["--set", "D=0.5"], "error[wrong-type]: `hyperparameters.D` expects an integer, got the number 0.5"),
    ],
)
def test_a_choice_that_the_spec_does_not_offer_is_refused(
    deep: str, arguments: list[str], headline: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", deep, *arguments]) == 1
    assert capsys.readouterr().err.splitlines()[0] == headline


@pytest.mark.parametrize("arguments", [["--set", "D"], ["--set", "D=x"], ["--format", "xml"]])
def test_arguments_that_make_no_choice_are_a_fault_of_usage(
    deep: str, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", deep, *arguments]) == 2
    assert capsys.readouterr().err.startswith("error[usage]: ")


def test_a_composition_finds_its_parts_below_the_root(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inner = tmp_path / "nets"
    inner.mkdir()
    (tmp_path / "fold.yaml").write_text("netspec: 1\ninput: 1\nwidths: [3]\noutput: 1\n", encoding="utf-8")
    spec = inner / "twice.yaml"
    spec.write_text("netspec: 1\ncompose: [../fold.yaml, ../fold.yaml]\n", encoding="utf-8")
    assert main(["show", str(spec)]) == 1
    capsys.readouterr()
    assert main(["show", str(spec), "--root", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "\ny = fold_2[fold[x]]\nfold, fold_2\n  h_1 = ReLU[β_0 + Ω_0 x]\n  y = β_1 + Ω_1 h_1\n" in out


def test_what_standard_output_cannot_encode_is_spelled(
    deep: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("million.yaml").write_text(MILLION, encoding="utf-8")
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="latin-1", write_through=True)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        assert main(["show", "million.yaml"]) == 0
    shown = raw.getvalue().decode("ascii")
    assert "h_{k+1} = ReLU[beta_k + Omega_k h_k],  k = 1 ... 999,999\n" in shown
    assert "  ~ 4.8*10^1041392  some parameters give as many: zig-zag\n" in shown


def test_a_terminal_has_colours(deep: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

        def fileno(self) -> int:
            raise OSError

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    screen = Screen()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", screen)
        assert main(["show", deep]) == 0
    shown = screen.getvalue()
    assert shown.startswith("\x1b[1mdeep: 1 → 1, float32\x1b[0m\n")
    assert shown.replace("\x1b[1m", "").replace("\x1b[0m", "") == text(DEEP)


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_numpy_and_networkx_are_not_needed(deep: str, form: str) -> None:
    code = (
        "import sys; from netspec.cli import main\n"
        f"status = main(['show', {deep!r}, '--format', {form!r}])\n"
        "sys.exit(status or bool({'numpy', 'networkx', 'rich'} & set(sys.modules)) and 7)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
