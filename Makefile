# Định Danh. One command per act; each sets up what it needs and can be repeated.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help demo test check types rules bench interop format keys requirements clean

PYTHON ?= python3
VENV := .venv/bin
PREPARE := @$(PYTHON) -I demo/prepare.py
ARGS ?=
SEED ?= 2026
# Tests share their cores with engines and browsers; what is slow there is not away (web/patience.py).
test interop: export DINHDANH_PATIENCE ?= 6
export PYTHONSAFEPATH :=
# Whoever keeps no bytecode compiles every library anew in every process, of which a demo and the tests start dozens.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPATH := $(CURDIR)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Run the whole country on this machine (Ctrl-C stops all; ports move with DINHDANH_PORT_BASE)
	$(PREPARE) demo
	@exec $(VENV)/python -m demo $(ARGS)

test: ## Run every test, a folder to each core (ARGS="tests/demo -k name -n 0" for some, SEED=7 in another order)
	$(PREPARE) dev --browser --proxy --apache --node
	@exec $(VENV)/python -m pytest -n logical --maxprocesses 4 --dist loadscope --no-loadscope-reorder \
		--randomly-seed=$(SEED) $(ARGS)

check: ## Format, lint, types, imports, house rules
	$(PREPARE) dev
	@$(MAKE) --jobs=2 --output-sync=target types rules

types: ## The part of make check that takes longest
	$(VENV)/mypy

rules: ## The other parts of make check, which runs both beside each other
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/lint-imports
	$(VENV)/python -m pytest -q tests/house -m "not engine"

format: ## Put every file into the one format
	$(PREPARE) dev
	$(VENV)/ruff format .
	$(VENV)/ruff check --fix .

bench: ## Compare the provider with its peer, measure the registry (ARGS="registry --sizes 10000" for it alone)
	$(PREPARE) dev --node
	@exec $(VENV)/python -m benchmarks $(ARGS)

interop: ## Sign in with ordinary client libraries of other languages
	$(PREPARE) dev --node --browser --apache
	@exec $(VENV)/python -m pytest tests/interop $(ARGS)

keys: ## Look after keys: make keys ARGS="--mode demo --dir var/keys/idp list"
	$(PREPARE) demo
	@exec $(VENV)/python -m keys $(ARGS)

requirements: ## Pin every dependency anew, with hashes (ARGS=--upgrade for newer ones)
	$(PREPARE) dev
	$(VENV)/uv pip compile $(ARGS) --quiet --no-header --generate-hashes --python-version 3.11 --no-emit-index-url \
		--no-emit-find-links pyproject.toml --extra demo --extra dev -o requirements/dev.txt
	$(VENV)/uv pip compile --quiet --no-header --generate-hashes --python-version 3.11 --no-emit-index-url \
		--no-emit-find-links pyproject.toml --extra demo -c requirements/dev.txt -o requirements/demo.txt
	$(VENV)/uv pip compile --quiet --no-header --generate-hashes --python-version 3.11 --no-emit-index-url \
		--no-emit-find-links pyproject.toml -c requirements/dev.txt -o requirements/runtime.txt
	$(VENV)/uv pip compile --quiet --no-header --generate-hashes --python-version 3.11 --no-emit-index-url \
		--no-emit-find-links requirements/bootstrap.in -c requirements/dev.txt -o requirements/bootstrap.txt
	$(VENV)/uv pip compile --quiet --no-header --generate-hashes --python-version 3.11 --no-emit-index-url \
		--no-emit-find-links requirements/mail.in -c requirements/dev.txt -o requirements/mail.txt

clean: ## Remove all data of the demo and all caches (the virtual environment stays)
	@$(PYTHON) -I demo/clean.py
