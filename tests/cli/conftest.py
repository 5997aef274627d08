"""Commands of these tests work in a folder of their own: none writes into the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def working_folder(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Make an empty folder the working directory."""
    folder = tmp_path_factory.mktemp("working")
    monkeypatch.chdir(folder)
    return folder
