"""What a project sets for all its specs: `netspec.toml`, or `[tool.netspec]` in `pyproject.toml`.

`finding` looks for a file and is all that is loaded where there is none; `nearest` gives back the configuration that a
spec is under, and `policy` is what of it is in force for one spec.
"""
