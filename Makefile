# The one entry point, the same on a desk and in CI. A fresh machine needs Python 3.11 or newer and make.
#
#   make demo    everything at once: an emulated portal, b24flow and a few letters
#   make test    the whole suite, on SQLite and on a real PostgreSQL
#   make check   linters, types, layers, process files

PYTHON ?= $(firstword $(foreach one,python3.11 python3.12 python3.13 python3,$(shell command -v $(one) 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
JOBS ?= 2

.PHONY: setup demo test check bench nightly lock

setup: $(VENV)/.installed

$(VENV)/.installed: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Installing into $(VENV); this takes a minute the first time."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup
	$(BIN)/b24flow demo $(ARGS)

# Two processes: the suite waits for its servers half of the time.
test: setup
	$(BIN)/python -m pytest --numprocesses=$(JOBS) --dist=worksteal $(ARGS)

check: setup
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/b24flow process check
	$(BIN)/b24flow template check

bench: setup
	$(BIN)/python -m tests.benchmarks $(ARGS)

# Too long for every push: many more random lives of documents, then everything else and the demonstration.
nightly: setup
	TEST_EXAMPLES=5000 $(BIN)/python -m pytest tests/property $(ARGS)
	$(BIN)/python -m pytest -m ""
	$(BIN)/b24flow demo --headless

# Pin again what pyproject.toml allows; see CONTRIBUTING.md.
LOCK := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --newline=LF \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links
lock:
	test -x $(BIN)/pip-compile || $(BIN)/python -m pip install --quiet pip-tools
	$(LOCK) $(UPGRADE) -o requirements.txt pyproject.toml
	$(LOCK) $(UPGRADE) --extra=dev -c requirements.txt -o requirements-dev.txt pyproject.toml
