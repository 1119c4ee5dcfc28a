"""Start-up: `netspec validate` of one file as a whole process, which is what a commit hook waits for."""

from benchmarks.harness import BIN, ROOT, Process, Settings, System, interleave, netspec, program, ratio
from benchmarks.results import Goal, Result, processes_table, spell_times
from benchmarks.schema import write_schema

NETSPEC, BASELINE, CHECKER = "netspec validate", "typer + PyYAML + pydantic", "check-jsonschema"


def measure(settings: Settings) -> Result:
    """Return what one file costs, beside the least program of the same libraries and beside a general validator."""
    spec = ROOT / "specs" / "two_layer.yaml"
    schema = write_schema(settings.scratch)
    systems: dict[str, System] = {
        NETSPEC: netspec("validate", spec),
        BASELINE: program("typer_baseline", "validate", spec),
        CHECKER: Process((BIN / "check-jsonschema", "--schemafile", schema, spec)),
    }
    samples = interleave(systems, settings.rounds)
    return Result(
        "Start-up: one file",
        "`netspec validate specs/two_layer.yaml` as a whole process, files in the system's cache, beside "
        "`benchmarks/programs/typer_baseline.py` (one typer command that loads the same file with libyaml into one "
        "strict pydantic model) and check-jsonschema with the schema that `netspec schema` prints.",
        [processes_table(samples)],
        [
            Goal(
                f"netspec : {BASELINE}",
                "at most 1.25 ×",
                ratio(samples[NETSPEC], samples[BASELINE]),
                1.25,
                spell_times,
            ),
            Goal(
                f"netspec : {CHECKER}",
                "at most 1 ×",
                ratio(samples[NETSPEC], samples[CHECKER]),
                1.0,
                spell_times,
            ),
        ],
        {"one file": samples},
    )
