# Catnap: everything a person types. `make help` lists it.
#
#   VENV=.venv      where the virtual environment lies
#   PYTHON=...      which Python makes it (3.11 to 3.14); found by itself otherwise
#   ARGS="..."      handed to the app, to pytest or to the benchmark

SHELL := /bin/sh
VENV ?= .venv
ARGS ?=

CANDIDATES := python3 python3.13 python3.12 python3.11 python3.14 python
IS_SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))
# Tried by running it: a name on PATH may be a shim of a version manager with nothing behind it.
PYTHON ?= $(shell for each in $(CANDIDATES); do \
	if "$$each" -c '$(IS_SUPPORTED)' >/dev/null 2>&1; then command -v "$$each"; break; fi; done)

VENV_PYTHON = $(VENV)/bin/python
STAMP = $(VENV)/set-up.stamp
SET_UP_FILES := pyproject.toml hatch_build.py packaging/setup/venv.py packaging/setup/commands.py packaging/setup/llama_wheel.py \
	packaging/requirements/build.txt packaging/requirements/run.txt packaging/requirements/dev.txt packaging/requirements/weights.txt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-clients test-gpu student test-student test-under-load torture soak venv lint format bench build dist test-bundle test-reproducible test-old-cpu test-old-laptop bench-bundle screenshots fault-pictures demo clean

help: ## list these commands
	@echo "Catnap: a small language model on an old laptop, asleep until somebody asks."
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1  /p' Makefile | awk '{ name = $$2; $$1 = $$2 = ""; printf "  make %-15s %s\n", name, $$0 }'
	@echo
	@echo 'The first run builds llama.cpp, which takes about 10 minutes on 2 cores and happens once.'

run: venv ## start the app: make run ARGS="--quick-ask"
	@$(VENV_PYTHON) packaging setup.system_check run --venv $(VENV)
	@$(VENV)/bin/catnap $(ARGS)

test: system-check venv lint llama-server ## lint, then all tests: make test ARGS="-k snapshots"
	@$(VENV_PYTHON) -m tests.in_parallel $(ARGS)

test-gpu: venv ## build the code for graphics processors and try it on one made of software (needs packaging/vulkan-debian-packages.txt; 15 minutes)
	@$(VENV_PYTHON) packaging setup.gpu_library install vulkan --data build/gpu-data
	@CATNAP_TEST_GPU=build/gpu-data $(VENV_PYTHON) -m pytest -q tests/engine/gpu/test_lavapipe.py $(ARGS)

test-clients: venv ## run other programs against catnap serve: openai, llm, langchain-openai, npm's openai (needs node and npm)
	@$(VENV_PYTHON) packaging setup.clients
	@$(VENV_PYTHON) -m pytest tests/clients/with_clients.py $(ARGS)

student: ## make what `catnap student train` computes in: PyTorch, in build/student-env; make student ARGS=gpu
	@"$(PYTHON)" packaging setup.student $(ARGS)

test-student: venv ## train small students with PyTorch, and see that they learn, pause and go on (see `make student`)
	@"$(PYTHON)" packaging setup.student
	@$(VENV_PYTHON) -m pytest tests/student/with_torch.py tests/student/with_torch_sums.py $(ARGS)

test-under-load: system-check venv llama-server ## all tests on busy cores, in random order and in the background; the order is shown
	@$(VENV_PYTHON) -m tests.under_load $(ARGS)

torture: venv ## try to take the program down with damaged models, signals and files: make torture ARGS="--short"
	@$(VENV_PYTHON) -m tests.torture $(ARGS)

soak: venv ## play the app for 500 rounds, and see whether anything grows: make soak ARGS="--rounds 50"
	@$(VENV_PYTHON) -m tests.soak $(ARGS)

# The engine's process may write no file, its bytecode neither: without it, it would compile itself at each of its starts.
venv: $(STAMP) ## set up .venv: pinned packages, llama.cpp for every CPU, the catnap command
	@$(VENV_PYTHON) -m compileall -q desktop

$(STAMP): $(SET_UP_FILES)
	@if [ -z "$(PYTHON)" ]; then \
		echo "Catnap needs Python 3.11 to 3.14, and none was found. Debian and Ubuntu: sudo apt-get install python3 python3-venv" >&2; \
		exit 1; fi
	@"$(PYTHON)" packaging setup.venv "$(VENV)"
	@touch $@

lint: venv ## ruff and mypy
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy

format: venv ## let ruff put the code into its form
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

bench: venv ## measure everything the README quotes
	@$(VENV_PYTHON) packaging setup.llama_wheel bench >/dev/null
	@$(VENV_PYTHON) -m tests.bench $(ARGS)

build: venv ## make the bundle dist/catnap, which runs without Python; print its size part by part
	@$(VENV_PYTHON) packaging bundle.build

dist: build ## make the downloads of this system in dist: archive with installer, list of what is inside, sums
	@$(VENV_PYTHON) packaging release.make

test-bundle: venv ## check dist/catnap and run the end-to-end tests against it: no network, no Python on PATH
	@$(VENV_PYTHON) packaging bundle.check
	@$(VENV_PYTHON) packaging bundle.run_tests

test-reproducible: venv ## make the bundle a second time and compare it with dist/catnap, file by file
	@$(VENV_PYTHON) packaging bundle.compare --again

test-old-cpu: venv ## run dist/catnap on emulated processors of 2008, 2011 and 2013 (needs qemu-user)
	@$(VENV_PYTHON) -m tests.bundle.old_cpu

test-old-laptop: venv ## run dist/catnap on an emulated laptop of 2008 with 2 GB (needs qemu-system-x86, debootstrap; minutes)
	@$(VENV_PYTHON) -m tests.bundle.old_laptop

bench-bundle: venv ## measure the start of dist/catnap and its memory, beside a bare tray program bundled the same way
	@$(VENV_PYTHON) -m tests.bundle.bench

screenshots: venv ## take a picture of every window, to be looked at: make screenshots ARGS="FOLDER"
	@$(VENV_PYTHON) -m tests.e2e.every_window $(or $(ARGS),build/windows)

fault-pictures: venv ## take a picture of each row of the table of faults about what is shown: make fault-pictures ARGS="FOLDER"
	@$(VENV_PYTHON) -m tests.e2e.fault_pictures $(or $(ARGS),build/faults)

demo: venv ## the whole main job, on its own, without display or network
	@$(VENV_PYTHON) -m tests.e2e.demo $(ARGS)

clean: ## remove .venv and caches; the built llama.cpp stays in ~/.cache/catnap-build
	rm -rf "$(VENV)" build dist .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: llama-server
llama-server: venv
	@$(VENV_PYTHON) packaging setup.llama_wheel server >/dev/null

.PHONY: system-check
system-check:
	@if [ -n "$(PYTHON)" ]; then "$(PYTHON)" packaging setup.system_check test; fi
