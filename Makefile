.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links
# Debian keeps venv and ensurepip in a package of their own.
GET_VENV := test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends python3-venv
.PHONY: help setup demo test check bench mutants nightly lock pictures

help: ## show this text
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

.venv/run: requirements/run.txt server/pyproject.toml sdk/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Newel needs Python 3.11 or newer: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { $(GET_VENV); } || { echo "Python's venv is missing. On Debian, as root: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/run.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e ./sdk -e ./server
	@touch $@

.venv/dev: .venv/run requirements/dev.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

setup: .venv/dev ## make .venv with everything for development

demo: .venv/run ## run the bank and its authorization server on this machine
	$(BIN)/newel demo

test: .venv/dev ## pass all tests (VECTORS=DIR adds vectors that may not be copied)
	$(BIN)/python tests/run.py

check: .venv/dev ## lint, strict types, floors, budgets
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python tests/budgets.py

bench: .venv/dev ## print every figure with its budget
	$(BIN)/python bench/all.py

mutants: .venv/dev ## break every security rule once and see its test turn red
	$(BIN)/python tests/security/mutate.py --all

nightly: .venv/dev ## everything that takes long: all mutants, long properties
	NEWEL_NIGHTLY=1 $(BIN)/python tests/run.py
	$(BIN)/python tests/security/mutate.py --all

lock: .venv/dev ## compile the requirement files anew
	$(COMPILE) --all-extras -o requirements/dev.txt server/pyproject.toml sdk/pyproject.toml requirements/dev.in
	$(COMPILE) -c requirements/dev.txt -o requirements/run.txt server/pyproject.toml sdk/pyproject.toml requirements/run.in

pictures: .venv/dev ## take the README's pictures from the running demo
	$(BIN)/python docs/pictures.py
