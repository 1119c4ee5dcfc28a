"""The document: strict models, hyperparameters and variants, references between files, and the long form."""

from netspec.spec.composition import Composition
from netspec.spec.document import Document
from netspec.spec.expectations import Assertion, Expect
from netspec.spec.fully_connected import FullyConnected
from netspec.spec.head import LANGUAGE_VERSION, Claims, Dtype, Head, Variant, read_variants
from netspec.spec.hyperparameters import Hyperparameter, declare
from netspec.spec.items import REPEAT, Item, Vocabulary, parts_of, read_items, references
from netspec.spec.layered import Asserted, Intake, Layered, Repeated
from netspec.spec.library import Library
from netspec.spec.parameters import Draw, ParameterFile, Parameters, Values
from netspec.spec.part import Entry, Networks, Part, Template
from netspec.spec.resolve import Resolver

__all__ = [
    "LANGUAGE_VERSION",
    "REPEAT",
    "Asserted",
    "Assertion",
    "Claims",
    "Composition",
    "Document",
    "Draw",
    "Dtype",
    "Entry",
    "Expect",
    "FullyConnected",
    "Head",
    "Hyperparameter",
    "Intake",
    "Item",
    "Layered",
    "Library",
    "Networks",
    "ParameterFile",
    "Parameters",
    "Part",
    "Repeated",
    "Resolver",
    "Template",
    "Values",
    "Variant",
    "Vocabulary",
    "declare",
    "parts_of",
    "read_items",
    "read_variants",
    "references",
]
