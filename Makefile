# Needs Python >= 3.11 with venv, make, and the package registries; nothing else is installed by hand.
#
#   make demo    set up .venv, run the built-in case, write its bulletin, open the centre or say how
#   make test    the tests; what this machine lacks is skipped with a line that says so
#   make check   exactly what continuous integration runs: lint, tests (a skip is a failure), docs, changelog
#   make help    all targets

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help demo frontend checkfrontend test lint format docs bench soak check changelog lock clean

PYTHON ?= python3
UV ?= uv
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
JOBS ?= 2
# Each worker takes a stretch of the tests, so that what a folder's tests share is made once; who is done first helps.
SHARED := -n $(JOBS) --dist worksteal
PYTEST_ARGS ?=

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

# Each stamp says which lock the environment holds; a changed lock installs again. The project itself is
# built without isolation, so that the build tool too comes from a hash-pinned lock.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: $(PYTHON) is older than Python 3.11. Name a newer one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "make: $(PYTHON) cannot make a virtual environment. On Debian: apt install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.runtime: requirements.lock pyproject.toml $(VENV)/.created
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(INSTALL) --require-hashes -r requirements-dev.lock
	@# The browser tests drive the machine's own Chromium; where this may be installed, it is.
	@command -v chromium chromium-browser google-chrome > /dev/null || [ "$$(id -u)" != 0 ] || ! command -v apt-get > /dev/null || \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium > /dev/null; } || \
	  echo "make: no Chromium could be installed; the browser tests say so" >&2
	@# Likewise PostgreSQL: the tests start a server of their own, on a socket in a temporary folder.
	@command -v initdb > /dev/null || ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 || [ "$$(id -u)" != 0 ] || ! command -v apt-get > /dev/null || \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends postgresql > /dev/null; } || \
	  echo "make: no PostgreSQL could be installed; the tests of the ledger say so" >&2
	@touch $@

# pyspark comes as source, and is built with the dev lock's setuptools; a Java that Spark runs on comes with pip too.
$(VENV)/.spark: requirements-spark.lock $(VENV)/.dev
	$(INSTALL) --no-build-isolation --require-hashes -r requirements-spark.lock
	@touch $@

$(VENV)/.bench: requirements-bench.lock $(VENV)/.dev
	$(INSTALL) --require-hashes -r requirements-bench.lock
	@touch $@

# The front end is built by the Node of the environment; nothing of Node's is looked for outside it.
NPM := NO_COLOR=1 $(BIN)/python scripts/build_frontend.py
FRONTEND := $(shell find frontend -path frontend/node_modules -prune -o -type f -print 2> /dev/null)

$(VENV)/.node_modules: frontend/package.json frontend/package-lock.json frontend/.npmrc $(VENV)/.runtime
	@$(NPM) ci --ignore-scripts
	@touch $@

$(VENV)/.frontend: $(FRONTEND) $(VENV)/.node_modules
	@$(NPM) run --silent build
	@touch $@

frontend: $(VENV)/.frontend  ## build the pages of the centre into the package

checkfrontend: $(VENV)/.frontend  ## lint, types, unit tests of the front end; its types are those of the API
	@! grep -n '"resolved"' frontend/package-lock.json || { echo "frontend: an address got into the lock" >&2; exit 1; }
	@$(NPM) run --silent lint
	@$(NPM) run --silent check
	@$(NPM) run --silent test
	@$(BIN)/python scripts/write_api_description.py --check
	@$(NPM) run --silent drift

demo: $(VENV)/.runtime $(VENV)/.frontend  ## run the built-in case, write its bulletin, open the centre
	$(BIN)/ceasefire demo

test: $(VENV)/.dev $(VENV)/.frontend  ## run the tests
	$(BIN)/python -m pytest -q -rs $(SHARED) $(PYTEST_ARGS)

lint: $(VENV)/.dev  ## ruff, mypy strict, import contracts, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/codespell src tests bench docs frontend/src changelog.d README.md Makefile pyproject.toml

format: $(VENV)/.dev  ## put the code into the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.dev  ## build the documentation into docs/site
	@if [ -e zensical.toml ]; then $(BIN)/zensical build --clean; \
	  else echo "docs: no zensical.toml, nothing to build"; fi

bench: $(VENV)/.bench  ## measure speed and size, as ratios within one run
	@for file in bench/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

soak: $(VENV)/.spark  ## the slow tests: more random examples, both stores, more killed writers, a killed Spark worker
	CEASEFIRE_SOAK=1 $(BIN)/python -m pytest -q -rs $(SHARED) \
	  tests/ledger tests/pipeline tests/properties tests/browser tests/centre tests/recovery tests/spark $(PYTEST_ARGS)

changelog: $(VENV)/.dev  ## check that the fragments render, and that a branch adds one
	@$(BIN)/towncrier build --draft --version next > /dev/null
	@if git rev-parse --quiet --verify origin/main > /dev/null 2>&1; then $(BIN)/towncrier check; fi

# Two at once; but nothing is checked while something is installed, for then a package may be there in part.
AT_ONCE := $(MAKE) --no-print-directory --jobs=$(JOBS) --output-sync=target

check:  ## exactly what continuous integration runs
	+$(AT_ONCE) $(VENV)/.spark $(VENV)/.frontend
	+$(AT_ONCE) lint checkfrontend
	CEASEFIRE_SKIPS=fail $(MAKE) --no-print-directory test
	$(MAKE) --no-print-directory docs changelog

# The locks are for every platform and Python from 3.11 on. They name no registry: pip's own settings do.
COMPILE := $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-emit-find-links --no-header --quiet --upgrade pyproject.toml

lock:  ## resolve the dependencies anew (needs uv; make lock UV=/path/to/uv)
	$(COMPILE) --group build -o requirements.lock
	$(COMPILE) --group build --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --group build --group dev --group bench -c requirements-dev.lock -o requirements-bench.lock
	$(COMPILE) --extra spark --group build --group dev --group spark -c requirements-bench.lock -o requirements-spark.lock
	@! grep -n '://' requirements*.lock || { echo "lock: an address got into a lock" >&2; exit 1; }

clean:  ## remove what is built, but not the environment
	rm -rf build dist docs/site src/ceasefire/centre/static $(VENV)/.frontend .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
