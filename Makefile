# A thin front for cargo and scripts/. What a target needs on the machine is
# checked or installed by scripts/setup and scripts/base-image, which take no
# time when all is there.

CARGO ?= cargo
# Flags for every cargo command that builds, as in: make test CARGOFLAGS=--locked
CARGOFLAGS ?=
# Arguments for the tests, as in: make test TESTARGS='--test run -- name'
TESTARGS ?=

TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
# demo, real and bench share one profile, so that seatrial is built only once.
PROFILE := demo
SEATRIAL := $(TARGET)/$(PROFILE)/seatrial

.PHONY: help demo test real bench fuzz fuzz-check build lint fmt-check clippy doc deny setup base-image browser

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: build base-image ## run the example project's workflow
	cd examples/leadcrm && $(SEATRIAL) run

test: setup base-image browser ## run all tests of seatrial
	$(CARGO) test $(CARGOFLAGS) $(TESTARGS)

real: build base-image ## run published projects by seatrial and by hand, and compare
	SEATRIAL=$(SEATRIAL) scripts/real

bench: build base-image ## measure what seatrial adds to the time of a run, and planning
	SEATRIAL=$(SEATRIAL) benches/overhead
	SEATRIAL=$(SEATRIAL) benches/planning
	SEATRIAL=$(SEATRIAL) benches/image

fuzz: setup ## fuzz the readers of foreign text, FUZZ_SECONDS each (600)
	scripts/fuzz

fuzz-check: ## compile what the fuzz targets call as they call it
	$(CARGO) rustc $(CARGOFLAGS) --lib --profile check -- --cfg fuzzing -D warnings

lint: fmt-check clippy doc ## formatting, clippy and documentation, warnings denied

fmt-check:
	$(CARGO) fmt --all -- --check

clippy:
	$(CARGO) clippy $(CARGOFLAGS) --all-targets -- -D warnings

doc:
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc $(CARGOFLAGS) --no-deps

deny: ## licences, sources and advisories of the dependencies
	scripts/deny

setup: ## check and install what the other targets need
	scripts/setup

base-image: setup ## make the images available that demo and tests run on
	scripts/base-image

browser: ## make a browser available that the tests of the report page use
	scripts/browser

build: setup
	$(CARGO) build $(CARGOFLAGS) --profile $(PROFILE) --bin seatrial
