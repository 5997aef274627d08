# Two commands do everything on a fresh machine with Python 3.11 or later:
#   make grade   environment, install, then grades submissions/
#   make test    environment, install, then everything that CI checks

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: grade test static lint unit unit-inner unit-outer pages docs kernel wheel clean

# Each of the processes that run tests would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

grade: $(STAMP)
	$(BIN)/grade submissions/

test: static unit pages kernel

# Static checks of the code and the documents, side by side.
static: $(STAMP)
	$(MAKE) --no-print-directory --jobs 2 --output-sync=target lint docs

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/density.py

# A broken link fails. What builds the site stays out of the environment that notebooks run in: it
# brings packages that they may import.
DOCS := $(VENV)/docs

docs: $(DOCS)/.installed
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --strict --quiet

$(DOCS)/.installed: pyproject.toml
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet '.[docs]'
	touch $@

# Two processes side by side, each of which imports one half of the tests, and torch only one.
# No test reads logs, and collecting them for each test takes a twentieth of the time.
UNIT := $(BIN)/python -m pytest -m "not kernel and not browser" -p no:logging
INNER := tests/grading tests/kernel tests/outputs tests/running

unit: $(STAMP)
	$(MAKE) --no-print-directory --jobs 2 --output-sync=target unit-inner unit-outer

unit-inner: $(STAMP)
	$(UNIT) $(INNER)

unit-outer: $(STAMP)
	$(UNIT) $(addprefix --ignore ,$(INNER))

pages: $(STAMP)
	$(BIN)/python -m pytest -m "browser and not kernel" --numprocesses auto

# Tests of a file share kernels; the files that take longest come first (tests/support/order.py).
# Many wait for a limit to be met, so that a third process finds two processors idle.
kernel: $(STAMP)
	$(BIN)/python -m pytest -m kernel --numprocesses 3 --dist loadfile --no-loadscope-reorder \
	  --durations 10

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

# For those who do not clone: pip install 'dist/notebook_grader-….whl[grading]'
wheel: $(STAMP)
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean:
	rm -rf $(VENV) grades
