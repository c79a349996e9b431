# Everything here works on a fresh machine that has Python 3.11 or newer and make.
# `make demo` shows Regulars at work; `make test` and `make check` are for those who change it.

PYTHON ?= python3
BIN := .venv/bin
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .tools/bin/uv)
READY := .venv/.ready

.PHONY: help setup demo demo-cafe serve test check format bench docs front clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

setup: $(READY)  ## install uv and the locked dependencies into this folder

.tools/bin/uv:
	@echo "Installing uv into .tools …"
	@$(PYTHON) -m venv .tools >/dev/null 2>&1 && .tools/bin/python -m pip install --quiet --disable-pip-version-check uv \
	  || { rm -rf .tools && $(PYTHON) -m pip install --quiet --disable-pip-version-check --target .tools uv; } \
	  || { echo "Neither 'python3 -m venv' nor 'python3 -m pip' works here: install one of them, or uv." >&2; exit 1; }

$(READY): pyproject.toml uv.lock $(filter .tools/bin/uv,$(UV))
	$(UV) sync --frozen --quiet --compile-bytecode
	@touch $@

demo: $(READY)  ## load the sample shop and open the console
	$(BIN)/regulars demo

demo-cafe: $(READY)  ## load the sample café (in var-cafe) and open the console
	$(BIN)/regulars demo-cafe

serve: $(READY)  ## serve this folder's own instance
	$(BIN)/regulars serve

test: $(READY)  ## all tests
	$(BIN)/python .ci/run_tests.py -n auto --maxprocesses 4 --dist loadfile

check: $(READY)  ## exactly what CI runs: format, lint, types, import contracts, then all tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory test

format: $(READY)  ## put the code into shape
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(READY)  ## measure against the promises, as JSON and a table
	$(BIN)/python -m bench

docs: $(READY)  ## build the documentation into site/
	$(UV) run --frozen --group docs mkdocs build --strict

front:  ## build CSS and JavaScript again (needs Node)
	cd front && npm ci && npm run build

clean:  ## remove what can be made again; data in var/ stay
	rm -rf .venv .tools site dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
