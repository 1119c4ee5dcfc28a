"""`python -m netspec.cli`: the command line where no script is installed."""

from netspec.cli.app import enter

enter()
