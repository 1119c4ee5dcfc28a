"""The netspec command line as it is where PyYAML was installed without libyaml."""

import sys

sys.modules["yaml._yaml"] = None  # type: ignore[assignment]  # importing it fails, as where it was never built

from netspec.cli import main  # noqa: E402

sys.exit(main())
