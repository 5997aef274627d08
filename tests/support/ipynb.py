"""Notebook files cell by cell, for the tests that read them."""

from __future__ import annotations

import json
from pathlib import Path

PYTHON = {
    "kernelspec": {"name": "python3", "language": "python"},
    "language_info": {"name": "python"},
}


def code(source="w = 1", **fields):
    """A code cell."""
    cell = {
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    return cell | fields


def markdown(source="# Title"):
    """A markdown cell."""
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def notebook(*cells, **fields):
    """A notebook of format 4."""
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": PYTHON, "cells": list(cells)} | fields


def put(path: Path, content: object) -> Path:
    """Write a file: bytes as they are, other content as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(data)
    return path
