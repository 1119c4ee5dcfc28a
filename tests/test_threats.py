"""What a hostile spec may try: each is refused with its code, in place, on its terms of time and memory.

The rows are those of the threat model (docs/reliability.md). Of the worst texts within the limits, legal or not, the
promise is tested: a verdict within 1 s and 150 MB over the interpreter. The tests allow five times the time, as they
share the machine with others, and a third more memory.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from netspec.diagnostics.text import render_text
from netspec.limits import FILES, REFERENCE_CHAIN, SPEC_BYTES
from netspec.validation import Verdict, check_file, check_text

SECONDS: Final = 5 * 1.0
MEGABYTES: Final = 200.0

NET: Final = "{input: 1, widths: [3], output: 1}"


def spec(**keys: str) -> str:
    """Return a small valid spec with some of its keys replaced, or added at its end."""
    lines = {"netspec": "1", "input": "1", "widths": "[3]", "output": "1"} | keys
    return "".join(f"{key}: {value}\n" for key, value in lines.items())


def codes(verdict: Verdict) -> list[str]:
    """Return the codes of the errors, in the order of the file, each once."""
    return list(dict.fromkeys(fault.code for fault in verdict.diagnostics if fault.severity == "error"))


def check_report(verdict: Verdict) -> None:
    """Hold what is printed to the promise: every fault in place, nothing unescaped, no more than anyone reads."""
    for fault in verdict.diagnostics:
        assert fault.place.span is not None, fault
        assert fault.place.span.line >= 1 <= fault.place.span.column
    printed = render_text(verdict.diagnostics, verdict.sources)
    assert all(" " <= character <= "~" or character in "\nβΩ→≈·…λ×" for character in printed)
    assert len(printed) <= 10_000 * max(1, len(verdict.sources))


# -- small hostile texts --------------------------------------------------------------------------------------------

BOMB = "a: &a [1]\n" + "".join(f"{c}: &{c} [*{b}, *{b}, *{b}]\n" for b, c in zip("abcdefgh", "bcdefghi", strict=True))
MERGES = "a: &a {x: 1}\n" + "".join(f"k{i}: &k{i}\n  <<: [*a, *a, *a]\n" for i in range(9))

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "an alias bomb": (BOMB, "anchor"),
    "a merge bomb": (MERGES, "anchor"),
    "a list that holds itself": (spec(widths="&w [*w]"), "anchor"),
    "an alias of nothing": (spec(widths="*w"), "alias"),
    "brackets within brackets": (spec(widths="[" * 10_000), "too-deep"),
    "braces within braces": (spec(networks="{a: " * 10_000), "too-deep"),
    "dashes within dashes": (f"netspec: 1\nwidths:\n  {'- ' * 10_000}3\n", "too-deep"),
    "question marks": (f"{'? ' * 10_000}a\n", "too-deep"),
    "a depth of 10^18": (spec(K="999999999999999999", widths="3"), "too-many-hidden-layers"),
    "a depth of 20 digits": (spec(K="10000000000000000000", widths="3"), "integer-too-large"),
    "a width of 10^12": (spec(widths="[1000000000000]"), "width-too-large"),
    "a power that no memory holds": (spec(widths="[9 ** 9 ** 9 ** 9]"), "integer-too-large"),
    "a product that no memory holds": (
        spec(hyperparameters="{D: 10 ** 17}", widths="[D*D*D*D*D*D*D*D]"),
        "integer-too-large",
    ),
    "a power under expect": (spec(expect="{parameters: 10 ** 10 ** 10}"), "integer-too-large"),
    "an integer of 5,000 digits": (spec(widths=f"[{'9' * 5000}]"), "integer-too-large"),
    "a switch for an integer": (spec(input="true"), "wrong-type"),
    "a switch for the version": (spec(netspec="true"), "language-version"),
    "a float for the version": (spec(netspec="1.0"), "language-version"),
    "a float for an integer": (spec(input="1.0"), "wrong-type"),
    "a quoted number": (spec(input='"1"'), "quoted-number"),
    "a quoted number in a list": (spec(widths='["3"]'), "quoted-number"),
    "an octal": (spec(input="010"), "number-spelling"),
    "another octal": (spec(input="0o10"), "number-spelling"),
    "a hexadecimal": (spec(input="0x10"), "number-spelling"),
    "underscores": (spec(input="1_000"), "number-spelling"),
    "base 60": (spec(input="1:30"), "number-spelling"),
    "a date": (spec(input="2024-01-31"), "date"),
    "yes": (spec(hyperparameters="{bias: yes}"), "ambiguous-word"),
    "off": (spec(name="off"), "ambiguous-word"),
    "not a number": (spec(hyperparameters="{rate: .nan}"), "not-finite"),
    "infinity": (spec(hyperparameters="{rate: -.inf}"), "not-finite"),
    "a float beyond all floats": (spec(hyperparameters="{rate: 1.0e+400}"), "not-finite"),
    "nothing": (spec(widths="~"), "no-value"),
    "a key given twice": (spec() + "'input': 1\n", "duplicate-key"),
    "a key given twice within": (spec(expect="{parameters: 10, parameters: 10}"), "duplicate-key"),
    "a tensor given twice": (
        spec(parameters="{β_0: [0, 0, 0], beta_0: [0, 0, 0], Ω_0: [[1], [1], [1]], β_1: [0], Ω_1: [[1, 1, 1]]}"),
        "duplicate-key",
    ),
    "an unknown key": (spec(dropout="0.1"), "unknown-key"),
    "a letter that looks alike": ("netspec: 1\ninput: 1\nwid\u0442hs: [3]\noutput: 1\n", "unknown-key"),
    "a tag": (spec(widths="!!python/tuple [3]"), "tag"),
    "a tag that calls": (spec(name='!!python/object/apply:os.system ["id"]'), "tag"),
    "a tag of its own": ("%TAG ! tag:example.org,2000:\n---\n" + spec(), "directive"),
    "two documents": (spec() + "---\n" + spec(), "several-documents"),
    "a NUL": (spec(name="a\0b"), "control-character"),
    "an escape sequence": (spec(name="\x1b[31mred"), "control-character"),
    "an escape sequence, escaped": (spec(name='"\\e]8;;http://example.org\\a"'), "control-character"),
    "a delete": (spec(name="a\x7fb"), "control-character"),
    "a C1 control": (spec(name="a\x9bb"), "control-character"),
    "a bare return": ("netspec: 1\rinput: 1\n", "line-break"),
    "a line separator": (spec(description="a\u2028b"), "line-break"),
    "a next line": (spec(description="a\x85b"), "line-break"),
    "text that runs backwards": (spec(description="\u202eabc"), "hidden-character"),
    "a zero-width space": (spec(name="a\u200bb"), "hidden-character"),
    "a zero-width space in a comment": (spec() + "# a\u200bb\n", "hidden-character"),
    "a tag character": (spec(description="a\U000e0041"), "hidden-character"),
    "a byte order mark in the middle": (spec(description="a\ufeffb"), "hidden-character"),
    "half a surrogate pair": (spec(description='"\\ud800"'), "yaml-syntax"),
    "a name with a path": (spec(name="../../etc/passwd"), "bad-name"),
    "a name with code": (spec(name="'a; import os'"), "bad-name"),
    "a name of 70 KB": (spec(name="a" * 70_000), "bad-name"),
    "a hyperparameter with code": (spec(hyperparameters="{'__import__(\"os\")': 1}"), "bad-name"),
    "a network with code": (spec(networks=f"{{'a.b': {NET}}}"), "bad-name"),
    "code for an activation": (spec(activation="os.system"), "unknown-activation"),
    "a dunder for an activation": (spec(activation="__class__"), "unknown-activation"),
    "a format for an activation": (spec(activation="'{0.__class__}'"), "unknown-activation"),
    "code in an expression": (spec(widths="['__import__(1)']"), "bad-expression"),
    "a call in an expression": (spec(widths="['int(3)']"), "bad-expression"),
    "an attribute in an expression": (spec(hyperparameters="{D: 3}", widths="['D.real']"), "not-an-integer"),
    "an expression of 10,000 characters": (spec(widths=f"[{'1+' * 5000}1]"), "expression-too-long"),
    "parentheses within parentheses": (spec(widths=f"['{'(' * 100}1{')' * 100}']"), "expression-too-long"),
    "a workflow command": (spec(name="'::error file=a::b'"), "bad-name"),
    "infinite parameters": (spec(parameters="{beta_0: [.inf, 0, 0]}"), "not-finite"),
    "parameters beyond float32": (
        spec(parameters="{beta_0: [0, 0, 1.0e+39], Omega_0: [[1], [1], [1]], beta_1: [0], Omega_1: [[1, 1, 1]]}"),
        "parameter-not-finite",
    ),
    "a parameter that is broadcast": (
        spec(parameters="{beta_0: [0], Omega_0: [[1], [1], [1]], beta_1: [0], Omega_1: [[1, 1, 1]]}"),
        "parameter-shape",
    ),
    "pickled parameters": (spec(parameters="{file: weights.pkl}"), "parameter-suffix"),
    "a hyperparameter of itself": (spec(hyperparameters="{a: b, b: a}"), "hyperparameter-cycle"),
    "a file, in a text": ("netspec: 1\ncompose: [fold.yaml]\n", "no-root"),
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("pure", [False, True], ids=["libyaml", "pure"])
def test_a_hostile_text_is_refused_with_its_code(name: str, pure: bool) -> None:
    text, code = TEXTS[name]
    verdict = check_text(text, pure=pure)
    assert code in codes(verdict)
    check_report(verdict)
    assert not verdict.valid
    assert (verdict.part, verdict.graph, verdict.facts) == (None, None, None)


BYTES: Final[dict[str, tuple[bytes, str]]] = {
    "no UTF-8": (b"netspec: 1\nname: \xff\n", "not-utf8"),
    "an overlong sequence": (b"name: \xc0\xaf\n", "not-utf8"),
    "UTF-16": (spec().encode("utf-16"), "not-utf8"),
    "UTF-32": (spec().encode("utf-32"), "not-utf8"),
    "a cut sequence": (b"name: \xe2\x82", "not-utf8"),
    "1 MiB and a byte": (b"#" * (SPEC_BYTES.value + 1), "file-too-large"),
    "a line of 20 MB": (b"widths: [" + b"3," * 10_000_000 + b"]\n", "file-too-large"),
}


@pytest.mark.parametrize("name", BYTES)
def test_hostile_bytes_are_refused_with_their_code(name: str, tmp_path: Path) -> None:
    data, code = BYTES[name]
    (tmp_path / "spec.yaml").write_bytes(data)
    verdict = check_file(str(tmp_path / "spec.yaml"))
    assert codes(verdict) == [code]
    check_report(verdict)


def test_a_sparse_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "spec.yaml").open("wb") as file:
        file.truncate(1 << 40)
    assert codes(check_file(str(tmp_path / "spec.yaml"))) == ["file-too-large"]


# -- references -----------------------------------------------------------------------------------------------------

REFERENCES: Final = {
    "../outside.yaml": "path-outside-root",
    "parts/../../outside.yaml": "path-outside-root",
    "/etc/passwd.yaml": "bad-path",
    "~/spec.yaml": "bad-path",
    "$HOME/spec.yaml": "bad-path",
    "https://example.org/spec.yaml": "bad-path",
    "%2e%2e/spec.yaml": "bad-path",
    "C:\\\\spec.yaml": "bad-path",
    "a" * 5000 + ".yaml": "bad-path",
    "parts//fold.yaml": "bad-path",
    "missing.yaml": "file-missing",
    "file.yaml/more.yaml": "file-missing",
    "link.yaml": "file-is-a-link",
    "linked/fold.yaml": "file-is-a-link",
    "loop.yaml": "file-is-a-link",
    "dangling.yaml": "file-is-a-link",
    "folder.yaml": "file-not-regular",
    "pipe.yaml": "file-not-regular",
    "socket.yaml": "file-not-regular",
    "device.yaml": "file-is-a-link",
    "proc.yaml": "file-is-a-link",
}


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """Return a folder `root` with everything in it that a reference may be and must not."""
    root = tmp_path / "root"
    (root / "parts").mkdir(parents=True)
    (tmp_path / "outside.yaml").write_text("secret: a secret\n")
    for name in ("file.yaml", "parts/fold.yaml"):
        (root / name).write_text(spec())
    (root / "folder.yaml").mkdir()
    os.mkfifo(root / "pipe.yaml")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(root)  # the path of a socket is short
        try:
            listening.bind("socket.yaml")
        finally:
            os.chdir(here)
    for name, target in (
        ("link.yaml", "file.yaml"),
        ("linked", "parts"),
        ("loop.yaml", "loop.yaml"),
        ("dangling.yaml", "nothing.yaml"),
        ("device.yaml", "/dev/zero"),
        ("proc.yaml", "/proc/self/environ"),
    ):
        (root / name).symlink_to(target)
    return root


@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("form", ["compose", "networks", "parameters"])
def test_a_hostile_reference_is_refused(hostile: Path, reference: str, form: str) -> None:
    path = hostile / "spec.yaml"
    if form == "parameters":
        reference = reference.replace(".yaml", ".npz")
        for name in os.listdir(hostile):
            (hostile / name).rename(hostile / name.replace(".yaml", ".npz"))
        (hostile / "loop.npz").unlink()
        (hostile / "loop.npz").symlink_to("loop.npz")
        path.write_text(spec(parameters=f'{{file: "{reference}"}}'))
    elif form == "networks":
        path.write_text(f'netspec: 1\nnetworks: {{a: {{file: "{reference}"}}}}\ncompose: [a]\n')
    else:
        path.write_text(f'netspec: 1\ncompose: ["{reference}"]\n')
    verdict = check_file(str(path))
    # What is composed by its path is called by its stem, which is looked at first.
    stem_is_name = reference.rsplit("/", 1)[-1].rsplit(".", 1)[0].isidentifier() and len(reference) < 60
    expected = "bad-name" if form == "compose" and not stem_is_name else REFERENCES[reference.replace(".npz", ".yaml")]
    assert codes(verdict) == [expected]
    check_report(verdict)
    assert "secret" not in render_text(verdict.diagnostics, verdict.sources)


def test_what_a_refused_file_holds_is_not_shown(hostile: Path) -> None:
    """A file above the root is not opened, and one within is quoted only for faults of its own."""
    (hostile / "spec.yaml").write_text("netspec: 1\ncompose: [../outside.yaml, link.yaml, parts/fold.yaml]\n")
    verdict = check_file(str(hostile / "spec.yaml"))
    assert set(verdict.sources) == {str(hostile / "spec.yaml"), str(hostile / "parts/fold.yaml")}


def test_the_file_that_is_named_may_be_a_link_and_is_opened_once(hostile: Path) -> None:
    assert check_file(str(hostile / "link.yaml")).valid


@pytest.mark.parametrize("name", ["folder.yaml", "pipe.yaml", "socket.yaml", "device.yaml"])
def test_what_is_named_and_no_regular_file_is_refused_without_waiting(hostile: Path, name: str) -> None:
    assert codes(check_file(str(hostile / name))) in (["file-not-regular"], ["file-unreadable"])


def test_files_that_hold_each_other_are_refused(tmp_path: Path) -> None:
    for name, other in (("spec", "b"), ("b", "c"), ("c", "spec")):
        (tmp_path / f"{name}.yaml").write_text(f"netspec: 1\ncompose: [{other}.yaml]\n")
    verdict = check_file(str(tmp_path / "spec.yaml"))
    assert codes(verdict) == ["reference-cycle"]
    assert "`spec.yaml` → `b.yaml` → `c.yaml` → `spec.yaml`" in verdict.diagnostics[0].headline


def test_blocks_that_are_files_and_hold_each_other_are_refused(tmp_path: Path) -> None:
    for name, other in (("spec", "b"), ("b", "c"), ("c", "b")):
        text = f"netspec: 1\ninput: 4\nblocks: {{x: {{file: {other}.yaml}}}}\nlayers: [x]\noutput: 4\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    verdict = check_file(str(tmp_path / "spec.yaml"))
    assert codes(verdict) == ["reference-cycle"]
    assert verdict.diagnostics[0].headline == "`x` is applied within itself: `b.yaml` → `c.yaml` → `b.yaml`"


def test_a_spec_refers_to_so_many_files_and_no_more(tmp_path: Path) -> None:
    """The code `too-many-files` is "too-many-files"; 256 files are read, and a 257th is not."""
    for number in range(FILES.value + 1):
        (tmp_path / f"part{number}.yaml").write_text("netspec: 1\ninput: 1\nK: 0\noutput: 1\n")
    entries = [f"  - part{number}.yaml\n" for number in range(FILES.value + 1)]
    path = tmp_path / "spec.yaml"
    path.write_text("netspec: 1\ncompose:\n" + "".join(entries[:-1]))
    assert check_file(str(path)).valid
    path.write_text("netspec: 1\ncompose:\n" + "".join(entries))
    verdict = check_file(str(path))
    assert codes(verdict) == ["too-many-files"]
    assert verdict.diagnostics[0].headline == "`part256.yaml`: a spec and its parts may refer to 256 files"


@pytest.mark.parametrize(
    ("files", "code"), [(REFERENCE_CHAIN.value, None), (REFERENCE_CHAIN.value + 1, REFERENCE_CHAIN.code)]
)
def test_parts_stand_so_far_within_each_other_and_no_further(tmp_path: Path, files: int, code: str | None) -> None:
    for number in range(files - 1):
        (tmp_path / f"p{number}.yaml").write_text(f"netspec: 1\ncompose: [p{number + 1}.yaml]\n")
    (tmp_path / f"p{files - 1}.yaml").write_text(spec())
    assert codes(check_file(str(tmp_path / "p0.yaml"))) == ([] if code is None else [code])


@pytest.mark.parametrize(("networks", "code"), [(64, None), (65, REFERENCE_CHAIN.code), (5000, REFERENCE_CHAIN.code)])
def test_networks_stand_so_far_within_each_other_and_no_further(networks: int, code: str | None) -> None:
    """A chain by name, each network composed by the next one, the file the outermost."""
    chain = "".join(f"  n{i}: {{compose: [n{i - 1}]}}\n" for i in range(1, networks - 1))
    verdict = check_text(f"netspec: 1\nnetworks:\n  n0: {NET}\n{chain}compose: [n{networks - 2}]\n")
    assert codes(verdict)[:1] == ([] if code is None else [code])
    check_report(verdict)


def test_a_composition_bomb_is_refused(tmp_path: Path) -> None:
    """31 files of 50 bytes that mean 2^30 layers."""
    for number in range(30):
        (tmp_path / f"p{number}.yaml").write_text(f"netspec: 1\ncompose: [p{number + 1}.yaml, p{number + 1}.yaml]\n")
    (tmp_path / "p30.yaml").write_text(spec())
    verdict = check_file(str(tmp_path / "p0.yaml"))
    assert codes(verdict) == ["too-many-layers"]
    check_report(verdict)


# -- the worst within the limits --------------------------------------------------------------------------------------


class Worst(NamedTuple):
    """A spec that costs as much as its limits allow: its files, and codes of its errors (none where it is valid)."""

    files: dict[str, str]
    codes: tuple[str, ...] = ()


def listed(values: list[str]) -> str:
    """Return values as a list on one line."""
    return f"[{', '.join(values)}]"


def _lines(pattern: Callable[[int], str], count: int) -> str:
    return "".join(f"  {pattern(number)}\n" for number in range(count))


def _networks(pattern: Callable[[int], str], count: int, composed: str) -> str:
    return f"netspec: 1\nnetworks:\n{_lines(pattern, count)}compose: {composed}\n"


def _family(pattern: Callable[[int], str], count: int, **keys: str) -> str:
    return f"netspec: 1\nhyperparameters:\n{_lines(pattern, count)}" + spec(**keys).partition("\n")[2]


def _doubled(levels: int, within: str = NET) -> str:
    pairs = "".join(f"  n{i}: {{compose: [n{i - 1}, n{i - 1}]}}\n" for i in range(1, levels + 1))
    return f"netspec: 1\nnetworks:\n  n0: {within}\n{pairs}compose: [n{levels}]\n"


def _mixed(number: int) -> str:
    return listed([str(20 + (7 * number + 13 * layer) % 40) for layer in range(12)])


def _listed_layers(items: str, shape: str = "4", output: str | None = None) -> str:
    return f"netspec: 1\ninput: {shape}\nlayers:\n{items}output: {shape if output is None else output}\n"


ROW = listed(["0.001"] * 300)
QUOTIENTS = listed(["1/30000"] * 300)
ZEROS = listed(["0"] * 300)


def _matrix(row: str) -> str:
    tensors = f"beta_0: {ZEROS}, Omega_0: {listed([row] * 300)}, beta_1: [0], Omega_1: [{ZEROS}]"
    return spec(input="300", widths="[300]", parameters=f"{{{tensors}}}")


WORST: Final[dict[str, Callable[[], Worst]]] = {
    "10,000 layers": lambda: Worst(
        {"spec.yaml": spec(widths=listed(["3", "4"] * 4_999), expect="{depth: 9998, macs: {at_least: 1}}")}
    ),
    "99,000 equal layers": lambda: Worst({"spec.yaml": spec(widths=listed(["3"] * 99_000))}),
    "49,000 layers and their activations": lambda: Worst(
        {"spec.yaml": spec(widths=listed(["3"] * 49_000), activation=listed(["relu"] * 49_000))}
    ),
    "10 million layers, hashed": lambda: Worst(
        {"spec.yaml": spec(K="10000000", widths="1000000000", expect="{fingerprint: x}")}, ("expect",)
    ),
    "9 million rounds that read from around, hashed": lambda: Worst(
        {
            "spec.yaml": _listed_layers(
                "  - dense: {width: 4, as: ext}\n  - repeat: {times: 9000000, layers: [{add: [in, ext]}]}\n"
            )
            + "expect: {fingerprint: x}\n"
        },
        ("expect",),
    ),
    "3 million rounds of a network, hashed": lambda: Worst(
        {
            "spec.yaml": _listed_layers("  - repeat: {times: 3000000, layers: [t]}\n")
            + "networks: {t: {input: 4, layers: [dense: 4], output: 4}}\nexpect: {fingerprint: x}\n"
        },
        ("expect",),
    ),
    "3 million rounds that compute before they read, hashed": lambda: Worst(
        {
            "spec.yaml": _listed_layers(
                "  - dense: {width: 4, as: a}\n  - dense: {width: 4, tie: {Omega: a.Omega}}\n"
                "  - repeat: {times: 3000000, layers: [{dense: {from: a, width: 4, as: q}}, {add: [q, in]}]}\n"
            )
            + "expect: {fingerprint: x}\n"
        },
        ("expect",),
    ),
    "3 million rounds and a tie, hashed": lambda: Worst(
        {
            "spec.yaml": _listed_layers(
                "  - dense: {width: 4, as: a}\n  - dense: {width: 4, tie: {Omega: a.Omega}}\n"
                "  - repeat: {times: 3000000, layers: [dense: 4]}\n"
            )
            + "expect: {fingerprint: x}\n"
        },
        ("expect",),
    ),
    "10 million layers, their regions": lambda: Worst(
        {"spec.yaml": spec(input="1000", K="10000000", widths="1000", expect="{regions: {at_least: 1}}")}
    ),
    "4,000 layers, their regions": lambda: Worst(
        {
            "spec.yaml": spec(
                input="1000",
                widths=listed([str(500_000_000 + i) for i in range(3_999)]),
                expect="{depth: 3999, macs: {at_least: 1}, regions: {at_least: 1}}",
            )
        }
    ),
    "10,000 layers, their regions": lambda: Worst(
        {"spec.yaml": spec(input="1000", widths=listed(["500", "501"] * 4_999), expect="{regions: {at_least: 1}}")},
        ("too-much-expected",),
    ),
    "expressions of a quarter of a million letters": lambda: Worst(
        {
            "spec.yaml": spec(
                hyperparameters="{a: 3}", widths=listed([" + ".join(["a"] * 60 + [str(i)]) for i in range(1000)])
            )
        }
    ),
    "expressions beyond": lambda: Worst(
        {
            "spec.yaml": spec(
                hyperparameters="{a: 3}", widths=listed([" + ".join(["a"] * 60 + [str(i)]) for i in range(4000)])
            )
        },
        ("expression-too-long",),
    ),
    "33,000 hyperparameters that nothing uses": lambda: Worst({"spec.yaml": _family(lambda i: f"h{i}: {i}", 33_000)}),
    "21,000 hyperparameters, each of the next": lambda: Worst(
        {"spec.yaml": _family(lambda i: f"h{i}: h{i + 1}*1" if i < 20_999 else f"h{i}: 1", 21_000, input="h0")}
    ),
    "a cycle of 21,000 hyperparameters": lambda: Worst(
        {"spec.yaml": _family(lambda i: f"h{i}: h{(i + 1) % 21_000}*1", 21_000, input="h0")}, ("hyperparameter-cycle",)
    ),
    "1,000 hyperparameters of 30 others": lambda: Worst(
        {
            "spec.yaml": _family(
                lambda i: f"h{i}: h{(i + 1) % 1000}+" + "+".join(f"h{7 * j % (i + 1)}" for j in range(30)), 1_000
            )
        },
        ("hyperparameter-cycle",),
    ),
    "21,000 hyperparameters of an unknown size": lambda: Worst(
        {"spec.yaml": _family(lambda i: f"h{i}: zz*{i}", 21_000)}, ("unknown-size",)
    ),
    "9,000 networks": lambda: Worst(
        {
            "spec.yaml": _networks(
                lambda i: f"n{i}: {{input: 1, K: 0, output: 1}}", 9_000, listed([f"n{i}" for i in range(9_000)])
            )
        }
    ),
    "6,000 networks that see 10,000 hyperparameters": lambda: Worst(
        {
            "spec.yaml": _family(lambda i: f"h{i}: {i}", 10_000).partition("input")[0]
            + "networks:\n"
            + _lines(lambda i: f"n{i}: {{hyperparameters: {{x: 1}}, input: x, K: 0, output: 1}}", 6_000)
            + "compose: [n0]\n"
        }
    ),
    "10 doublings": lambda: Worst({"spec.yaml": _doubled(10) + "expect: {parameters: 10, regions: {at_least: 1}}\n"}),
    "11 doublings, very deep": lambda: Worst(
        {
            "spec.yaml": _doubled(11, "{input: 1, K: 2000, widths: 1000000000, output: 1}")
            + "expect: {fingerprint: x}\n"
        },
        ("expect",),
    ),
    "12 doublings": lambda: Worst({"spec.yaml": _doubled(12)}, ("too-many-layers",)),
    "7,000 networks that expect": lambda: Worst(
        {"spec.yaml": _doubled(11) + "expect: {macs: {at_least: 1}}\n"}
        | {
            "spec.yaml": _doubled(11).replace(
                "compose: [n11]\n",
                _lines(lambda i: f"m{i}: {{compose: [n11], expect: {{depth: {{at_least: 1}}}}}}", 7_000),
            )
            + "compose: [n11]\n"
        },
        ("too-much-expected",),
    ),
    "3,000 networks that expect regions": lambda: Worst(
        {
            "spec.yaml": _networks(
                lambda i: f"m{i}: {{input: 30, widths: {_mixed(i)}, output: 1, expect: {{regions: {{at_least: 1}}}}}}",
                3_000,
                "[m0]",
            )
        },
        ("too-much-expected",),
    ),
    "as many variants as may be": lambda: Worst(
        {
            "spec.yaml": spec(hyperparameters="{a: 3}", widths="[a]")
            + f"variants:\n{_lines(lambda i: f'v{i}: {{a: {i + 4}}}', 118)}"
        }
    ),
    "two variants of 9,800 values": lambda: Worst(
        {
            "spec.yaml": spec(hyperparameters="{a: 3}", widths=listed(["a", "4"] * 4_900))
            + f"variants:\n{_lines(lambda i: f'v{i}: {{a: {i + 5}, expect: {{depth: 9800}}}}', 2)}"
        }
    ),
    "90,000 values of parameters": lambda: Worst({"spec.yaml": _matrix(ROW)}),
    "90,000 quotients": lambda: Worst({"spec.yaml": _matrix(QUOTIENTS)}),
    "90,000 texts for values": lambda: Worst({"spec.yaml": _matrix(listed(["x"] * 300))}, ("wrong-type",)),
    "20,000 tensors": lambda: Worst(
        {
            "spec.yaml": spec(K="9990", widths="1")
            + f"parameters:\n{_lines(lambda i: f'beta_{i}: [0]', 9_991)}{_lines(lambda i: f'Omega_{i}: [[0]]', 9_991)}"
        }
    ),
    "30,000 tensors of other names": lambda: Worst(
        {"spec.yaml": spec(K="9990", widths="1") + f"parameters:\n{_lines(lambda i: f'bita_{i}: [0]', 30_000)}"},
        ("parameter-unexpected",),
    ),
    "99,000 widths of 0": lambda: Worst({"spec.yaml": spec(widths=listed(["0"] * 99_000))}, ("out-of-range",)),
    "99,000 unknown activations": lambda: Worst(
        {"spec.yaml": spec(activation="[" + ",".join(f"lea{i}" for i in range(99_000)) + "]")}, ("unknown-activation",)
    ),
    "40,000 unknown keys": lambda: Worst(
        {"spec.yaml": spec() + "".join(f"outpu_activatio{i}: 1\n" for i in range(40_000))}, ("unknown-key",)
    ),
    "50,000 unknown networks": lambda: Worst(
        {"spec.yaml": _networks(lambda i: f"network{i}: {NET}", 4_000, listed([f"netwark{i}" for i in range(50_000)]))},
        ("unknown-network",),
    ),
    "50,000 unknown sizes": lambda: Worst(
        {
            "spec.yaml": _family(
                lambda i: f"network{i}: 1", 5_000, widths=listed([f"netwark{i}" for i in range(50_000)])
            )
        },
        ("unknown-size",),
    ),
    "9,000 unknown sizes of 60 letters": lambda: Worst(
        {
            "spec.yaml": _family(
                lambda i: f"{'n' * 50}{i}: 1", 3_000, widths=listed([f"{'n' * 48}xyz{i}" for i in range(9_000)])
            )
        },
        ("unknown-size",),
    ),
    "20,000 unknown settings": lambda: Worst(
        {
            "spec.yaml": _family(lambda i: f"network{i}: 1", 5_000)
            + f"variants:\n  v: {{{', '.join(f'netwark{i}: 1' for i in range(20_000))}}}\n"
        },
        ("unknown-hyperparameter",),
    ),
    "60,000 values and 25,000 ignores": lambda: Worst(
        {"spec.yaml": spec(widths=listed(["3"] * 60_000)) + "# netspec: ignore[unused-name] x\n" * 25_000}
    ),
    "20,000 findings ignored": lambda: Worst(
        {"spec.yaml": _family(lambda i: f"h{i}: 1  # netspec: ignore[unused-name] x", 20_000)}
    ),
    "ignores of 100 codes": lambda: Worst(
        {"spec.yaml": spec() + f"# netspec: ignore[{','.join('abcdefghij' * 10)}] x\n" * 4_000}
    ),
    "one file 4,900 times": lambda: Worst(
        {"spec.yaml": f"netspec: 1\ncompose: {listed(['a.yaml'] * 4_900)}\n", "a.yaml": spec()}
    ),
    "one file with 4,900 settings": lambda: Worst(
        {
            "spec.yaml": _networks(
                lambda i: f"n{i}: {{file: a.yaml, set: {{D: {i + 1}}}}}", 4_900, listed([f"n{i}" for i in range(4_900)])
            ),
            "a.yaml": spec(hyperparameters="{D: 1}", widths="[D]"),
        }
    ),
    "a large file with 9,000 settings": lambda: Worst(
        {
            "spec.yaml": _networks(lambda i: f"n{i}: {{file: a.yaml, set: {{D: {i + 1}}}}}", 9_000, "[n0]"),
            "a.yaml": spec(hyperparameters="{D: 1}", widths=listed(["D", "4"] * 4_990)),
        },
        ("too-many-values",),
    ),
    "two files of 95,000 values": lambda: Worst(
        {
            "spec.yaml": "netspec: 1\ncompose: [a.yaml, b.yaml]\n",
            "a.yaml": spec(widths=listed(["3"] * 95_000)),
            "b.yaml": spec(widths=listed(["4"] * 95_000)),
        }
    ),
    "256 files": lambda: Worst(
        {"spec.yaml": f"netspec: 1\ncompose: {listed([f'p{i}.yaml' for i in range(256)])}\n"}
        | {f"p{i}.yaml": spec(widths=listed(["3", "4"] * 18)) for i in range(256)}
    ),
    "9,990 layers": lambda: Worst({"spec.yaml": _listed_layers("  - dense: 4\n" * 9_990)}),
    "8,000 convolutions": lambda: Worst(
        {
            "spec.yaml": _listed_layers(
                "  - conv: {channels: 4, kernel: 3, padding: 1, activation: relu}\n" * 8_000, "[4, 64, 64]"
            )
        }
    ),
    "4,900 ties": lambda: Worst(
        {
            "spec.yaml": _listed_layers(
                "".join(
                    f"  - dense: {{width: 4, as: a{i}}}\n  - dense: {{width: 4, tie: {{Omega: a{i}.Omega}}}}\n"
                    for i in range(4_900)
                )
            )
        }
    ),
    "9,000 ties to a network of 9,000 layers": lambda: Worst(
        {
            "spec.yaml": _listed_layers("  - t\n" + "  - dense: {width: 4, tie: {Omega: t.Omega_8999}}\n" * 9_000)
            + "networks: {t: {input: 4, K: 9000, widths: 4, output: 4}}\n"
        }
    ),
    "4,900 ties to tensors that are not there": lambda: Worst(
        {
            "spec.yaml": _listed_layers(
                "".join(
                    f"  - dense: {{width: 4, as: a{i}}}\n  - dense: {{width: 4, tie: {{Omega: a{i}.Omaga}}}}\n"
                    for i in range(4_900)
                )
            )
        },
        ("tie",),
    ),
    "80 stretches of free sizes that nearly are one": lambda: Worst(
        {
            "spec.yaml": "symbols: [H]\n"
            + _listed_layers(
                "".join(
                    f"  - pad: {{from: in, widths: [[0, {8909 + i}]]}}\n  - slice: {{axis: 0, step: 9000}}\n"
                    for i in range(80)
                ),
                "[H]",
                "1",
            )
        },
        ("size-too-complex",),
    ),
    "20,000 words": lambda: Worst({"spec.yaml": _listed_layers("  - relu\n" * 20_000)}, ("too-many-layers",)),
    "9,000 rounds with an index": lambda: Worst(
        {"spec.yaml": _listed_layers("  - repeat: {times: 9000, index: i, layers: [{dense: 4 + i - i}]}\n")}
    ),
    "3,000 networks of layers": lambda: Worst(
        {
            "spec.yaml": _listed_layers("".join(f"  - n{i}\n" for i in range(3_000)))
            + f"networks:\n{_lines(lambda i: f'n{i}: {{layers: [{{dense: 4}}]}}', 3_000)}"
        }
    ),
    "50 doublings of a block": lambda: Worst(
        {
            "spec.yaml": _listed_layers("  - b50\n")
            + "blocks:\n  b0: {layers: [{dense: 4}]}\n"
            + "".join(f"  b{i}: {{layers: [b{i - 1}, b{i - 1}]}}\n" for i in range(1, 60))
        },
        ("too-many-layers",),
    ),
    "70,000 unknown layers": lambda: Worst(
        {"spec.yaml": _listed_layers("".join(f"  - dens{i}\n" for i in range(70_000)))}, ("unknown-layer",)
    ),
    "5,000 unknown values": lambda: Worst(
        {
            "spec.yaml": _listed_layers(
                "".join(f"  - relu: {{as: value{i}}}\n" for i in range(4_000))
                + "".join(f"  - relu: {{from: valoe{i}}}\n" for i in range(4_000))
            )
        },
        ("unknown-value",),
    ),
    "9,000 results that nobody reads": lambda: Worst({"spec.yaml": _listed_layers("  - relu: {from: in}\n" * 9_000)}),
    "floors within floors": lambda: Worst(
        {
            "spec.yaml": "symbols: [H, W]\n"
            + _listed_layers("  - max_pool: 2\n" * 200 + "  - global_max_pool\n", "[1, H, W]", "1")
        },
        ("size-too-complex",),
    ),
    "60 floors that differ": lambda: Worst(
        {
            "spec.yaml": "symbols: [H, W]\n"
            + _listed_layers(
                "".join(
                    f"  - max_pool: {{from: in, kernel: {k}}}\n  - upsample: {{factor: {k}, as: u{k}}}\n"
                    for k in range(2, 60)
                )
                + f"  - add: {listed([f'u{k}' for k in range(2, 60)])}\n",
                "[1, H, W]",
            )
        },
        ("size-too-complex",),
    ),
    "a description of 1 MB": lambda: Worst({"spec.yaml": spec(description="x " * 500_000)}),
}

# CPU time and peak memory from before the first import of netspec to the verdict. The collector rests, as it does in
# the command; getrusage would count the memory of the process that starts this one.
CHILD: Final = """
import gc, json, re, resource, sys, time
def peak():
    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    with open("/proc/self/status") as status:
        return int(re.search("VmHWM:\\s*([0-9]+)", status.read())[1]) / (1 << 10)
gc.disable()
memory = peak()
started = time.process_time()
from netspec.validation import check_file
verdict = check_file("spec.yaml")
seconds = time.process_time() - started
codes = list(dict.fromkeys(fault.code for fault in verdict.diagnostics if fault.severity == "error"))
print(json.dumps([codes, seconds, peak() - memory, all(fault.place.span for fault in verdict.diagnostics)]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", WORST)
def test_the_worst_specs_keep_the_promise_of_time_and_memory(name: str, tmp_path: Path) -> None:
    worst = WORST[name]()
    for file, text in worst.files.items():
        assert len(text) <= SPEC_BYTES.value, file
        (tmp_path / file).write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", CHILD], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    found, seconds, megabytes, located = json.loads(done.stdout)
    assert tuple(code for code in found if code in worst.codes or not worst.codes) == worst.codes
    assert bool(found) == bool(worst.codes)
    assert located
    assert seconds < SECONDS
    assert megabytes < MEGABYTES
