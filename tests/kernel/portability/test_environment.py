"""Folders of other systems are in the environment, and what a notebook reads in vain is noted."""

from __future__ import annotations

import locale
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.kernel.portability import environment


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """The notes of variables that are not set."""
    kind = type(os.environ)
    monkeypatch.setattr(kind, "__getitem__", kind.__getitem__)  # put back afterwards
    monkeypatch.setattr(locale, "setlocale", locale.setlocale)
    for name in environment.HOME_ELSEWHERE:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    noted: list[tuple[str, str]] = []
    environment.install(lambda topic, detail: noted.append((topic, detail)))
    yield noted
    for name in environment.HOME_ELSEWHERE:
        os.environ.pop(name, None)


def read(source: str) -> None:
    """Run a cell that reads the environment."""
    exec(source, {"__name__": "__main__"})


def test_folders_of_windows_are_the_home(notes: list[tuple[str, str]]) -> None:
    assert str(Path.home()) == os.environ["USERPROFILE"] == os.environ["OneDrive"]  # noqa: SIM112


def test_a_variable_that_is_not_set_is_missing_and_noted(notes: list[tuple[str, str]]) -> None:
    with pytest.raises(KeyError, match="WANDB_KEY_OF_ANA"):
        read("import os\nos.environ['WANDB_KEY_OF_ANA']")
    assert [("missing-variable", "WANDB_KEY_OF_ANA")] == notes


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.environ['PATH']",
        "import os\nassert os.environ.get('KEY_OF_ANA') is None",
        "import os\nassert os.getenv('KEY_OF_ANA', 'none') == 'none'",
        "import os\nassert 'KEY_OF_ANA' not in os.environ",
        "import os\nassert os.environ.pop('KEY_OF_ANA', 1) == 1",
    ],
)
def test_what_ends_no_cell_is_not_noted(notes: list[tuple[str, str]], source: str) -> None:
    read(source)
    assert [] == notes


def test_a_language_that_is_not_installed_changes_nothing(notes: list[tuple[str, str]]) -> None:
    before = locale.setlocale(locale.LC_NUMERIC)
    assert before == locale.setlocale(locale.LC_NUMERIC, "Portuguese_Brazil.1252")


def test_a_language_that_is_there_is_taken(notes: list[tuple[str, str]]) -> None:
    assert "C" == locale.setlocale(locale.LC_NUMERIC, "C")
