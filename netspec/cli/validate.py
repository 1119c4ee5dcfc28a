"""`netspec validate`: the verdict on specs."""

import contextlib
import sys
from collections.abc import Generator, Sequence
from typing import Annotated

import typer

from netspec.cli.checking import Checked, check_all
from netspec.cli.choice import ROOT_HELP, SET_HELP, VARIANT_HELP, choice
from netspec.cli.configuring import CONFIG_HELP, NO_CONFIG_HELP, Configurations
from netspec.cli.forms import FORMAT_HELP, OUTPUT_HELP, Format
from netspec.cli.jobs import cores
from netspec.cli.paths import SPECS_ONLY_HELP, Target, collect
from netspec.cli.told import Report
from netspec.diagnostics import SystemFault, show
from netspec.limits import PATH_LENGTH
from netspec.runtime.progress import Progress
from netspec.validation import Choice


def command(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Specs, folders, patterns such as 'nets/**/*.yaml', or - for standard input.", metavar="PATH"
        ),
    ],
    variant: Annotated[str | None, typer.Option("--variant", help=VARIANT_HELP, metavar="NAME")] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP, metavar="NAME=VALUE")] = None,
    root: Annotated[str | None, typer.Option("--root", help=ROOT_HELP, metavar="DIR")] = None,
    form: Annotated[Format, typer.Option("--format", help=FORMAT_HELP)] = "text",
    target: Annotated[str | None, typer.Option("--output", "-o", help=OUTPUT_HELP, metavar="FILE")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings count as errors.")] = False,
    specs_only: Annotated[bool, typer.Option("--specs-only", help=SPECS_ONLY_HELP)] = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Write the fixes into the specs that their faults offer, and say which.")
    ] = False,
    config: Annotated[str | None, typer.Option("--config", help=CONFIG_HELP, metavar="FILE")] = None,
    no_config: Annotated[bool, typer.Option("--no-config", help=NO_CONFIG_HELP)] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print faults only, no summary line.")] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", help="Processes at most; all cores unless given.", min=1, metavar="N")
    ] = None,
) -> int:
    """Say whether specs are valid, and where not, why.

    Of a folder, every *.yaml and *.yml below it is checked, hidden ones and links left out, and the folder is what
    files that they refer to must lie below. A configuration file may say otherwise, and which warnings are errors.
    Exit codes: 0 valid, 1 an error, 2 usage or a file that cannot be read.
    """
    wanted = choice(variant, sets or [])
    configurations = Configurations(config, none=no_config)
    targets = configurations.under(collect(paths, root, configurations.excludes, specs_only=specs_only), root)
    bar = Progress(sys.stderr, "specs")
    report = Report(form, bar, strict=strict, quiet=quiet, target=target)
    for file, faults, sources, fault in configurations.refusals():
        report.add(Checked(file, faults, sources, fault=fault))
    found = _fixed(targets, wanted, jobs or cores(), report) if fix else check_all(targets, wanted, jobs or cores())
    with contextlib.closing(found) as results:
        for number, checked in enumerate(results, 1):
            report.add(checked)
            bar.show(number, number / len(targets))
    return report.finish()


def _fixed(
    targets: Sequence[Target | SystemFault], wanted: Choice, jobs: int, report: Report
) -> Generator[Checked, None, None]:
    """Yield what is found in each spec when its fixes are made and written."""
    from netspec.cli.fixing import fix_all  # loaded where something is fixed
    from netspec.cli.rewriting import rewrite

    with contextlib.closing(fix_all(targets, wanted, jobs)) as results:
        for checked, data, changes in results:
            if data is not None:
                rewrite(checked.file, data)
                report.tell("".join(change.told(show(checked.file, PATH_LENGTH.value)) for change in changes))
            yield checked
