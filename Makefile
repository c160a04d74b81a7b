# `make help` lists the targets. Everything is set up in .venv; outputs go to build/.
PYTHON ?= python3
BIN := .venv/bin
SECONDS ?= 60
TIMES ?= 200
CORPORA ?= S M L
DOCUMENTS ?= 500 2000

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format lint types layers docs words serve audit-ready bench bench-manual fuzz robust clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

setup: .venv/ready ## Set up .venv (Python 3.11 or later)

.venv/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "qmdoc needs Python 3.11 or later; name one with: make PYTHON=python3.11 ...")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "qmdoc needs Python's venv module (on Debian: apt-get install python3-venv)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Setting up .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: .venv/ready ## Make a programme with two years of history, and its manual, forms and binder
	@$(BIN)/qmdoc demo

audit-ready: .venv/ready ## Check this repository, and make manual, forms and binder
	@$(BIN)/qmdoc audit-ready

test: check ## Run the whole suite

check: format lint types layers ## What CI runs: format, lint, types, layers, tests
	@$(BIN)/python -m pytest -n auto

format: .venv/ready
	@$(BIN)/ruff format --check --quiet qmdoc tests conf.py || { echo "run: .venv/bin/ruff format qmdoc tests conf.py"; exit 1; }

lint: .venv/ready
	@$(BIN)/ruff check --quiet qmdoc tests conf.py

types: .venv/ready
	@$(BIN)/mypy

layers: .venv/ready
	@$(BIN)/lint-imports

serve: .venv/ready ## Show the texts in sops/ as you write them, in a browser on this computer
	@$(BIN)/qmdoc serve

docs: .venv/ready ## Write docs/checks.md, docs/forms.md, docs/front-matter.md and docs/templates.md anew from the program
	@$(BIN)/python tests/test_docs.py
	@$(BIN)/python tests/outputs/test_templates.py

words: .venv/ready ## Write the catalogue of interface words anew, and bring every translation into line
	@$(BIN)/python tests/catalogue.py

bench: .venv/ready ## Measure an audit against git itself, as a ratio: make bench CORPORA="S M L XL"
	@env PYTHONPATH=tests $(BIN)/python -m bench $(CORPORA)

bench-manual: .venv/ready ## Measure building the manual against bare Sphinx, as a ratio
	@env PYTHONPATH=tests $(BIN)/python -m bench.manual $(DOCUMENTS)

fuzz: .venv/ready ## Try model and parsers on random input: make fuzz SECONDS=600
	@env PYTHONPATH=tests $(BIN)/python -m model --seconds $$(( $(SECONDS) / 2 ))
	@env PYTHONPATH=tests $(BIN)/python -m fuzz --seconds $$(( $(SECONDS) / 2 ))

robust: .venv/ready ## Kill the commands that write at random moments: make robust TIMES=200
	@env PYTHONPATH=tests $(BIN)/python -m robustness --times $(TIMES)

clean: ## Remove outputs and the environment
	rm -rf build .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
