# The front desk. Every target sets up what it needs; nothing but Python 3.11+ and make has to be there before.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# Which form of the faults is run: short takes minutes, long takes hours.
FAULTS ?= short
# One more than there are cores, for many tests wait for a child or a timer; each takes most of a gigabyte.
TEST_WORKERS ?= $(shell $(PY) -c "import os; print(min(4, 1 + (os.cpu_count() or 1)))")

.PHONY: help run test check test-services test-faults test-browser audit bench schema docs web clean
.DEFAULT_GOAL := help

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.ready web  ## set everything up and play music on http://127.0.0.1:8000
	$(PY) run.py

test: $(VENV)/.ready-dev  ## set everything up and run the tests; no service needed
	$(PY) -m pytest -m "not services and not long and not faults" -n $(TEST_WORKERS) --dist worksteal

check: $(VENV)/.ready-dev  ## lint, format and types: what CI runs besides tests
	$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check . && $(VENV)/bin/mypy

test-services: $(VENV)/.ready-dev web  ## the contracts against real MongoDB-protocol, Redis, S3 and Typesense servers; long proofs
	$(PY) -m pytest -m "(services or long) and not faults"

test-faults: $(VENV)/.ready-dev web  ## kill, cut, flood and starve the house; FAULTS=long for hours instead of minutes
	TUTTI_FAULTS=$(FAULTS) $(PY) -m pytest -m faults

audit: $(VENV)/.ready-dev  ## known faults of the packages that are installed
	$(PY) deploy/audit.py

test-browser: $(VENV)/.ready-dev web  ## the player in headless Chromium (a part of test-services)
	$(PY) -m pytest -m services tests/web tests/player $(wildcard tests/server/test_*_in_a_browser.py)

bench: $(VENV)/.ready-dev  ## the performance promises, measured beside others, into docs/benchmarks.md (an hour)
	$(PY) -m bench.report

schema: $(VENV)/.ready-dev  ## rewrite graph/schema.graphql from graph/schema/
	$(PY) -m graph.snapshot

docs: $(VENV)/.ready-dev  ## rewrite the pages that are made from code
	$(PY) -m server.config_page && $(PY) -m graph.api_page && $(PY) -m server.roles_page

web: $(VENV)/.ready  ## fetch the web packages of GraphiQL and the charts (needs npm, or brings it)
	@$(PY) deploy/fetch_web_packages.py

clean:  ## remove the environment and what was fetched; music and data stay
	rm -rf $(VENV) .services web/node_modules .mypy_cache .ruff_cache .hypothesis

$(PY):
	$(PYTHON) deploy/make_environment.py $(VENV)

$(VENV)/.ready: $(PY) requirements.txt
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready pyproject.toml
	$(PY) -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@
