"""Every bound that netspec puts on what it reads and builds, in one table.

`netspec limits` prints the table; each module takes its numbers from here. A limit that an input exceeds is a
located fault with the limit's own code, raised before the work it bounds is begun.
"""

from typing import NamedTuple


class Limit(NamedTuple):
    """One bound: `value` counts `unit`; an input beyond it gets the fault `code`."""

    name: str
    value: int
    unit: str
    code: str


SPEC_BYTES = Limit("size of a spec file", 1 << 20, "bytes", "file-too-large")
YAML_DEPTH = Limit("nesting of a spec file", 32, "levels", "too-deep")
YAML_VALUES = Limit("keys and values in a spec file", 100_000, "values", "too-many-values")
TOTAL_BYTES = Limit("size of a spec file and all it refers to", 4 << 20, "bytes", "file-too-large")
TOTAL_VALUES = Limit("keys and values in a spec and all it refers to", 200_000, "values", "too-many-values")
VARIANT_WORK = Limit("values of a spec times its variants", 60_000, "values", "too-many-variants")
WRITTEN_LAYERS = Limit(
    "layers as written, equal neighbours as one, parts at each use", 10_000, "layers", "too-many-layers"
)
EXPRESSION_TEXT = Limit("characters of all expressions of a spec", 250_000, "characters", "expression-too-long")
CLAIM_WORK = Limit("steps to work out what all networks and variants expect", 300_000, "steps", "too-much-expected")
EXPRESSION_LENGTH = Limit("length of an expression", 256, "characters", "expression-too-long")
EXPRESSION_DEPTH = Limit("nesting of an expression", 32, "levels", "expression-too-long")
HIDDEN_LAYERS = Limit("hidden layers (K), parts and repeats counted", 10_000_000, "layers", "too-many-hidden-layers")
WIDTH = Limit("width", 1_000_000_000, "units", "width-too-large")
FILES = Limit("files that a spec refers to", 256, "files", "too-many-files")
REFERENCE_CHAIN = Limit("parts that stand one within the next", 64, "parts", "reference-chain-too-long")
INTEGER_DIGITS = Limit("digits of an integer", 18, "digits", "integer-too-large")
EXPECTED_DIGITS = Limit("digits of an integer under `expect`", 1_000, "digits", "integer-too-large")
REGION_DIGITS = Limit("digits of an exact bound on regions; log10 beyond", 100_000, "digits", "")
CONFIGURATION_BYTES = Limit("size of a configuration file", 1 << 18, "bytes", "file-too-large")
CONFIGURATION_DEPTH = Limit("nesting of a configuration file", 32, "levels", "too-deep")
CONFIGURATION_VALUES = Limit("keys and values in a configuration file", 20_000, "values", "too-many-values")
GLOBS = Limit("patterns of paths in a configuration file", 64, "patterns", "bad-setting")
GLOB_PARTS = Limit("parts of a pattern of paths", 16, "parts", "bad-setting")
POINTS = Limit("points of a polyline", 10_000, "points", "too-many-points")
TENSORS = Limit("tensors of a network that is built", 20_000, "tensors", "too-many-tensors")
NAME_LENGTH = Limit("length of a name", 64, "characters", "bad-name")
PATH_LENGTH = Limit("length of a path in a spec", 1_024, "characters", "bad-path")
SHOWN_TEXT = Limit("user text shown in a message", 60, "characters", "")
SHOWN_FAULTS = Limit("faults drawn for a file in text; a count beyond", 20, "faults", "")
SHOWN_BYTES = Limit("bytes drawn for a file in text; a count beyond", 8_192, "bytes", "")
FACTS_BYTES = Limit("size of a facts file", 16 << 20, "bytes", "file-too-large")
JSON_FAULTS = Limit("faults reported for a file in JSON; a count beyond", 1_000, "faults", "")
REPORTED_FAULTS = Limit("faults in a report as SARIF or for GitLab; a count beyond", 25_000, "faults", "")
NPZ_HEADER = Limit("header of an array in an .npz file", 10_240, "bytes", "parameters-unreadable")
MERGED_VALUES = Limit("keys and values in the three specs of a merge; line by line beyond", 60_000, "values", "")
PLAN_BYTES = Limit("size of a plan of migration", 16 << 20, "bytes", "file-too-large")

TABLE: tuple[Limit, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Limit))
