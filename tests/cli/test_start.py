"""What the way of one spec loads: start-up is most of what a user waits for."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = "netspec: 1\ninput: 1\nK: 2\nwidths: [3, 3]\noutput: 1\n"
BAD = GOOD.replace("K: 2", "K: 3")

# Beyond the budget, which is typer, yaml and pydantic, and what these bring along themselves.
UNWANTED = {
    "asyncio",
    "concurrent",
    "glob",
    "http",
    "json",
    "logging",
    "multiprocessing",
    "networkx",
    "numpy",
    "pickle",
    "rich",
    "ssl",
    "tomllib",
}

# Rooms and modules of netspec that one valid spec has no use for.
IDLE = {
    "netspec.cli.workers",
    "netspec.compiler",
    "netspec.configuration.configuration",
    "netspec.configuration.globs",
    "netspec.configuration.policy",
    "netspec.configuration.reading",
    "netspec.configuration.toml",
    "netspec.diagnostics.github",
    "netspec.diagnostics.gitlab",
    "netspec.diagnostics.json_format",
    "netspec.diagnostics.junit",
    "netspec.diagnostics.lines",
    "netspec.diagnostics.sarif",
    "netspec.diagnostics.text",
    "netspec.graph.fingerprint",
    "netspec.graph.layered",
    "netspec.graph.peak",
    "netspec.graph.receptive",
    "netspec.graph.ties",
    "netspec.model",
    "netspec.network",
    "netspec.pictures",
    "netspec.rules.budget",
    "netspec.rules.losses",
    "netspec.sizes.contradiction",
    "netspec.spec.checks",
    "netspec.spec.recipe",
    "netspec.spec.training",
    "netspec.spec.training_arguments",
    "netspec.spec.training_keys",
    "netspec.spec.training_words",
    "netspec.summary",
}


def loaded(tmp_path: Path, spec: str, *arguments: str) -> set[str]:
    """Return the modules that a process has loaded when it has validated the spec."""
    path = tmp_path / "spec.yaml"
    path.write_text(spec, encoding="utf-8")
    code = (
        "import sys; sys.argv[0] = 'netspec'\n"
        "from netspec.cli import main\n"
        "status = main()\n"
        "modules = set(sys.modules)\n"
        "import json; json.dump([status, sorted(modules)], sys.stderr)"
    )
    command = [sys.executable, "-c", code, "validate", str(path), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    status, modules = json.loads(done.stderr)
    assert status == (spec != GOOD)
    return set(modules)


def packages(modules: set[str]) -> set[str]:
    """Return the modules and all packages that they are in."""
    return {".".join(name.split(".")[: i + 1]) for name in modules for i in range(name.count(".") + 1)}


def test_a_valid_spec_loads_what_it_needs(tmp_path: Path) -> None:
    assert packages(loaded(tmp_path, GOOD)) & (UNWANTED | IDLE) == set()


@pytest.mark.parametrize(
    ("form", "renderers"),
    [
        ("text", {"text"}),
        ("github", {"github", "text"}),  # which names places as text, and so does the one for SARIF
        ("gitlab", {"gitlab", "lines", "json"}),
        ("junit", {"junit", "text"}),
        ("sarif", {"sarif", "lines", "text", "json"}),
    ],
)
def test_a_fault_loads_the_renderer_that_draws_it(tmp_path: Path, form: str, renderers: set[str]) -> None:
    wanted = {name if name == "json" else f"netspec.diagnostics.{name}" for name in renderers}
    assert packages(loaded(tmp_path, BAD, "--format", form)) & (UNWANTED | IDLE) == wanted


def test_json_is_loaded_where_it_is_asked_for(tmp_path: Path) -> None:
    wanted = {"json", "netspec.diagnostics.json_format"}
    assert packages(loaded(tmp_path, BAD, "--format", "json")) & (UNWANTED | IDLE) == wanted


SHARED = "[project]\ndependencies = ['netspec-lang']\n[project.scripts]\nnetspec = 'a:b'\n[tool.ruff]\nfix = true\n"


def test_a_shared_file_without_a_table_of_netspecs_loads_no_parser(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(SHARED)
    assert packages(loaded(tmp_path, GOOD)) & (UNWANTED | IDLE) == set()


def test_a_configuration_loads_the_parser_and_what_reads_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f"{SHARED}[tool.netspec]\nstrict = true\n")
    room = {f"netspec.configuration.{name}" for name in ("configuration", "globs", "policy", "reading", "toml")}
    assert packages(loaded(tmp_path, GOOD)) & (UNWANTED | IDLE) == {"tomllib", *room}
    assert packages(loaded(tmp_path, GOOD, "--no-config")) & (UNWANTED | IDLE) == set()
