# Two commands do everything on a fresh machine with Python 3.11 or later:
#   make grade   environment, install, then grades submissions/
#   make test    environment, install, then everything that CI checks

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: grade test lint unit pages kernel clean

grade: $(STAMP)
	$(BIN)/grade submissions/

test: lint unit pages kernel

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/density.py

# Tests run side by side; those of a file that starts kernels share them.
unit: $(STAMP)
	$(BIN)/python -m pytest -m "not kernel and not browser" --numprocesses auto --dist loadfile

pages: $(STAMP)
	$(BIN)/python -m pytest -m "browser and not kernel" --numprocesses auto --dist loadfile

kernel: $(STAMP)
	$(BIN)/python -m pytest -m kernel --numprocesses 2 --dist loadfile --durations 10

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) grades
