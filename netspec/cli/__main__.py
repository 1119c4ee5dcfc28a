"""`python -m netspec.cli`: the command line where no script is installed."""

import sys

from netspec.cli.app import main

sys.exit(main())
