# `make` shows what there is. `make run` starts the portal, `make test` runs everything that CI runs.

.DEFAULT_GOAL := help
.NOTPARALLEL:
SHELL := /bin/bash

DEBUG_BINARY := .build/debug/countersign
RELEASE_BINARY := .build/release/countersign

.PHONY: help run build test unit format lint e2e bench-sign-in bench-growth bench-forward bench-memory tools clean

help:  ## shows this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build  ## builds for release and starts the portal on http://localhost:8080
	@echo "==> starting countersign; Ctrl-C stops it"
	@exec $(RELEASE_BINARY) serve

build:  ## builds for release: one binary, .build/release/countersign
	@scripts/ensure-tools.sh build
	@echo "==> building for release (the first time takes some minutes)"
	@scripts/build-release.sh countersign

test: tools  ## everything: lint, one debug build, unit tests, browser tests
	@echo "==> lint"
	@scripts/lint.sh
	@echo "==> building for debug, with tests (the first time takes some minutes)"
	@swift build --build-tests
	@echo "==> unit tests, the store's on both engines"
	@scripts/postgres.sh with timeout --foreground --verbose --signal=INT 15m swift test --skip-build
	@echo "==> browser tests, over SQLite"
	@scripts/e2e.sh $(DEBUG_BINARY)
	@echo "==> browser tests, over PostgreSQL, with several nodes and with faults"
	@COUNTERSIGN_E2E_ENGINE=postgres scripts/e2e.sh $(DEBUG_BINARY)
	@echo "==> all passed"

unit:  ## builds for debug and runs the unit tests; FILTER=name picks some
	@scripts/ensure-tools.sh build postgres
	@swift build --build-tests
	@scripts/postgres.sh with swift test --skip-build $(if $(FILTER),--filter '$(FILTER)')

format:  ## puts every Swift file into the project's format
	@swift format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks

lint:  ## format and style, bans, length of files; builds nothing
	@scripts/lint.sh

e2e: tools  ## builds for debug and runs the browser tests; FILTER=name picks some, COUNTERSIGN_E2E_ENGINE=postgres the engine
	@swift build -Xlinker -s --product countersign
	@scripts/e2e.sh $(DEBUG_BINARY) $(if $(FILTER),-k '$(FILTER)')

bench-sign-in: build  ## builds for release and measures how many sign-ins a second it takes
	@scripts/bench-sign-in.sh

bench-growth:  ## builds for release and measures the store with 1,000 to 1,000,000 people, on both engines
	@scripts/ensure-tools.sh build postgres
	@scripts/build-release.sh countersign-growth
	@COUNTERSIGN_POSTGRES_SETTINGS="fsync = on" scripts/postgres.sh with .build/release/countersign-growth

bench-forward: build  ## builds for release and measures forward-auth; needs nginx and wrk
	@scripts/ensure-tools.sh bench
	@scripts/bench-forward.sh

bench-memory: build  ## builds for release and measures what attacks take of the memory, while people sign in
	@python3 Benchmarks/memory.py --portal $(RELEASE_BINARY)

tools:  ## looks for what building and testing need, installs what is missing
	@scripts/ensure-tools.sh build test

clean:  ## removes what was built; keeps ./data
	rm -rf .build .build-venv e2e/artifacts e2e/.artifacts
