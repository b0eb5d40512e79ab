# The habits of this repository. `make help` lists them.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run build test test-rust test-web test-story test-api mutants lint fmt bench bench-graph eval schema web

CARGO ?= cargo
NPM := $(shell command -v npm 2>/dev/null)
# nextest when it is there: it is faster and prints less.
TEST_RUNNER := $(shell $(CARGO) nextest --version >/dev/null 2>&1 && echo "nextest run --no-fail-fast" || echo test)

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: web ## Build the web UI and the server, and serve at http://localhost:8000
	$(CARGO) run --release --locked -p vpaura -- serve

build: web ## Build the release binary (target/release/vpaura)
	$(CARGO) build --release --locked -p vpaura

web: ## Build the web UI into web/dist, if it changed and Node is there
	@scripts/build-web.sh

test: ## Install or find what the tests need and run everything
	@scripts/test-services.sh scripts/test-all.sh

mutants: ## Make mistakes in who may do what, and look whether a test notices (hours; needs cargo-mutants)
	@scripts/test-mutants.sh

lint: ## Format check, clippy, the rules of the house, web lint
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	$(CARGO) xtask tidy
ifneq ($(NPM),)
	cd web && $(NPM) run lint && $(NPM) run typecheck
endif

fmt: ## Format everything
	$(CARGO) fmt --all
ifneq ($(NPM),)
	cd web && $(NPM) run format
endif

bench: web ## Measure the server beside a pass-through proxy; writes benches/RESULTS.md
	@benches/run.sh

bench-graph: ## Measure the graph engine beside LangGraph; writes crates/graph/BENCHMARKS.md
	@benches/graph/run.sh

eval: ## Measure how well and how fast collections are searched; writes benches/RETRIEVAL.md
	@benches/retrieval/run.sh

schema: ## Write docs/api/openapi.json and the web UI's types from the routes
	UPDATE_SCHEMA=1 $(CARGO) test -p vpaura-server --locked --test it schema
ifneq ($(NPM),)
	cd web && $(NPM) run schema
endif
