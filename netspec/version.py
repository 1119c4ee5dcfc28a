"""The version of the package; the version of the language is `netspec.spec.LANGUAGE_VERSION`."""

__version__ = "0.1.0"
