"""Notebooks by nbclient, one after another, a fresh kernel each: `python -m benchmarks.fresh NOTEBOOK…`."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

TIMEOUT_S = 120


def main() -> None:
    """Execute each notebook; its cells may fail."""
    for path in map(Path, sys.argv[1:]):
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(
            notebook, timeout=TIMEOUT_S, allow_errors=True, kernel_name="python3"
        ).execute()


if __name__ == "__main__":
    main()
