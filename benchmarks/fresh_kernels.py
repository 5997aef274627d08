"""Run notebooks with nbclient, one after another, each in a fresh kernel.

python -m benchmarks.fresh_kernels NOTEBOOK…
"""

from __future__ import annotations

import argparse
from pathlib import Path

import nbformat
from nbclient import NotebookClient

TIMEOUT_S = 120
"""Longest time of a cell."""


def main() -> None:
    """Execute each notebook; its cells may fail."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notebooks", type=Path, nargs="+", metavar="NOTEBOOK")
    for path in parser.parse_args().notebooks:
        execute(path)


def execute(path: Path) -> None:
    """Execute one notebook, and keep nothing of it."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=TIMEOUT_S, allow_errors=True, kernel_name="python3")
    client.execute()


if __name__ == "__main__":
    main()
