# From nothing but Python and make: `make demo` shows what netspec does, `make test` proves it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORE := $(VENV)/.core
TOOLS := $(VENV)/.tools
DOCS := $(VENV)/.docs
BENCH := $(VENV)/.bench
TORCH := $(VENV)/.torch
PYTEST := $(BIN)/python -m pytest
# Of these every branch of what they test is measured, which takes twice as long; all others are run as they are.
MEASURED := $(wildcard tests/test_*.py) $(addprefix tests/,cli configuration diagnostics files formatting migration model review rules runtime sizes source spec) tests/graph/test_examined.py tests/compiler/test_explain.py tests/training/data
SUITES ?=
WORKERS ?= auto
PARTS ?=

.PHONY: help demo test check format lint types tests modes docs bench torch fuzz clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST)

demo: $(CORE) ## validate, show, build and run a network of the book, from nothing
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

test: lint types tests ## the environment, lint, types and tests, from nothing

check: format lint types tests ## format, then lint, types and tests

format: $(TOOLS) ## write every file as the formatter has it
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --quiet --fix-only .
	$(BIN)/netspec fmt --quiet specs netspec/spec/templates
	$(BIN)/netspec facts --quiet specs

lint: $(TOOLS)
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/netspec fmt --check --quiet specs netspec/spec/templates
	$(BIN)/netspec facts --check --quiet specs

types: $(TOOLS)
	$(BIN)/mypy

tests: $(TOOLS)
ifeq ($(SUITES),)
	$(PYTEST) -q -n $(WORKERS) --dist worksteal --cov --cov-report= $(MEASURED)
	$(BIN)/python tests/branches.py
	$(PYTEST) -q -n $(WORKERS) --dist worksteal $(addprefix --ignore=,$(MEASURED)) tests
else
	$(PYTEST) -q -n $(WORKERS) --dist worksteal $(SUITES)
endif

modes: $(TOOLS) ## the cases again: -X dev, -O, LC_ALL=C, two hash seeds, without libyaml
	PYTHONPATH= $(BIN)/python tests/modes.py

docs: $(DOCS) ## the documentation in docs/_build/html; warnings are errors
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html

bench: $(BENCH) ## measure netspec beside its peers, 20 minutes; `make bench PARTS=grid` a part of it
	$(BIN)/python -m benchmarks $(PARTS)

torch: $(TORCH) ## compare every kernel, layer, gradient and well-known network of specs/ with PyTorch
	$(BIN)/python -m tests.torch.compare
	$(BIN)/python -m tests.torch.layers
	$(BIN)/python -m tests.torch.training_references
	$(BIN)/python -m tests.torch.networks
	$(BIN)/python -m tests.torch.specs_compare

fuzz: $(TOOLS) ## a million inputs for the reader
	$(BIN)/python tests/source/fuzz_reader.py 1000000

clean: ## take away what was made
	rm -rf $(VENV) build dist docs/_build .coverage* coverage.xml .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "netspec needs Python 3.11 or newer; say which: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(CORE): $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(TOOLS): $(CORE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

$(DOCS): $(TOOLS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	@touch $@

$(BENCH): $(TOOLS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

$(TORCH): $(TOOLS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[torch]'
	@touch $@
