# Everything a fresh machine with Python 3.11+ and make needs. `make lock` is for those who change dependencies.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin
LOCK = uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-emit-index-url \
       --no-emit-find-links --python-version 3.11 -q --extra build

.PHONY: run setup test test-webkit test-setup bench soak lock format

# DEMO=1: with a simulated clinic, made once
run: setup
	$(if $(DEMO),$(BIN)/timesink demo --port $(PORT))
	$(BIN)/timesink serve --host $(HOST) --port $(PORT)

setup: .venv/.runtime

test-setup: .venv/.dev
	$(BIN)/python -m tests.browser.find

# where Python is told to keep no bytecode, pytest rewrites 400 modules in each of its processes, which takes seconds
test: export PYTHONDONTWRITEBYTECODE =
test: test-setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tests.node tests/js/*.test.mjs
	TIMESINK_TEST_DATABASE=both $(BIN)/pytest -q -n auto --dist worksteal

# WebKitGTK on a display of its own; `make test` leaves it out
test-webkit: .venv/.dev
	$(BIN)/python -m tests.browser.webkit
	TIMESINK_WEBKIT=yes xvfb-run -a $(BIN)/pytest -q tests/browser/test_webkit.py tests/faults/test_browser_webkit.py

# the fault tests at length, on both databases; prints seeds and a table. TIMESINK_SEED= for those of an earlier run
soak: test-setup
	TIMESINK_SOAK=yes TIMESINK_TEST_DATABASE=both $(BIN)/pytest -o faulthandler_timeout=0 -q tests/faults -n 2 --dist worksteal

bench: .venv/.bench
	$(BIN)/python -W "ignore:Using" -m bench

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock:
	$(LOCK) -o requirements.txt
	$(LOCK) --extra dev -c requirements.txt -o requirements-dev.txt
	$(LOCK) --extra bench -c requirements-dev.txt -o requirements-bench.txt

.venv/.python:
	$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and "Timesink needs Python 3.11 or newer; this is %d.%d. Try: make PYTHON=python3.12" % v[:2])'
	$(PYTHON) -m venv .venv
	touch $@

.venv/.runtime: .venv/.python requirements.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/.dev: .venv/.runtime requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

.venv/.bench: .venv/.dev requirements-bench.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	touch $@
