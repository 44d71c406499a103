# Everything one does with a checkout. `make` alone lists it. Needs Python >= 3.11 with venv, and make.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Development: tokens may be minted and the clock set. Any other value refuses both.
run demo token: export KEQING_ENV ?= development

.PHONY: help
help: ## List these targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  \033[36m%-10s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: $(VENV)/.installed ## Start PostgreSQL, NATS and the four services on http://127.0.0.1:8000 (KEQING_PORT)
	@exec $(BIN)/keqing run

.PHONY: demo
demo: $(VENV)/.installed ## Fill Keqing with a believable company and its year (starts one when none runs)
	@exec $(BIN)/keqing demo

.PHONY: test
test: $(VENV)/.installed-dev ## Run every test, on real PostgreSQL and NATS (ARGS="-k board" for some)
	@$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: check
check: $(VENV)/.installed-dev ## Lint, formatting, types, architecture contracts, translations, generated documents current
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/keqing docs --check
	@$(BIN)/keqing words --check

.PHONY: format
format: $(VENV)/.installed-dev ## Put the code in the house's format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: bench
bench: $(VENV)/.installed-dev ## Measure against the budgets, as ratios within one run (ARGS="--only append")
	@$(BIN)/python -m bench $(ARGS)

.PHONY: faults
faults: $(VENV)/.installed-dev ## Kill, cut off and wipe what can be, and hold what was seen against what was written
	@$(BIN)/python -m tests.faults $(ARGS)

.PHONY: docs
docs: $(VENV)/.installed ## Write the generated documents anew (OpenAPI, AsyncAPI, catalogue of facts)
	@$(BIN)/keqing docs

.PHONY: words
words: $(VENV)/.installed-dev ## Bring the catalogues of translations up to date (<package>/locale/zh.po)
	@$(BIN)/keqing words

.PHONY: install
install: $(VENV)/.installed-dev ## Make .venv with everything, for an editor

.PHONY: lock
lock: ## Resolve the dependencies anew into the two lock files (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --upgrade --group lock pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --extra dev --group lock -c requirements.lock pyproject.toml \
		--output-file requirements-dev.lock

# A change of a lock makes the environment anew: nothing stale stays in it.
$(VENV)/.locked: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "Installing into $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	@echo "Installing what tests and checks need ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@
