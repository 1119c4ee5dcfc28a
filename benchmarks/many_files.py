"""Many files: a folder of generated specs, which is what continuous integration waits for."""

from benchmarks.generated import write_specs
from benchmarks.harness import BIN, Process, Samples, Settings, System, interleave, netspec, processors, ratio, seconds
from benchmarks.results import Goal, Result, Table, spell_seconds, spell_times
from benchmarks.schema import write_schema

TWO, ONE, CHECKER = "netspec validate --jobs 2", "netspec validate --jobs 1", "check-jsonschema"


def measure(settings: Settings) -> Result:
    """Return what folders of specs cost beside a general validator of YAML by a schema."""
    schema = write_schema(settings.scratch)
    counts = (2, 3) if settings.tiny else (100, 1000)
    samples: dict[str, Samples] = {}
    rows, goals = [], []
    for count in counts:
        folder = settings.scratch / f"{count}_specs"
        paths = write_specs(folder, count)
        systems: dict[str, System] = {
            TWO: netspec("validate", "--strict", "--jobs", "2", folder),
            ONE: netspec("validate", "--strict", "--jobs", "1", folder),
            CHECKER: Process((BIN / "check-jsonschema", "--schemafile", schema, *paths)),
        }
        taken = samples[f"{count} files"] = interleave(systems, settings.rounds)
        for name, sample in taken.items():
            times = "" if name == CHECKER else spell_times(ratio(taken[CHECKER], sample))
            rows.append(
                (
                    f"{name}, {count:,} files",
                    spell_seconds(seconds(sample)),
                    spell_seconds(processors(sample)),
                    times,
                )
            )
    largest = samples[f"{counts[-1]} files"]
    goals.append(
        Goal(
            f"{CHECKER} : {TWO}, {counts[-1]:,} files",
            "at least 4 ×",
            ratio(largest[CHECKER], largest[TWO]),
            4.0,
            spell_times,
            at_least=True,
        )
    )
    return Result(
        "Many files",
        "Different specs of about 30 lines, all valid, drawn from a seed: hyperparameters, a list of widths that are "
        "expressions, `expect`, two variants with their own. Whole processes. netspec infers every shape and checks "
        "every assertion, in the variants too; check-jsonschema holds the same files against the schema of "
        "`netspec schema`, in one process: it has no option for more.",
        [Table(("process", "time", "processor time", "netspec is faster by"), rows)],
        goals,
        samples,
    )
