"""Which functions are the student's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.kernel.recording.callables import is_students, is_students_file


def function_of(file: Path) -> Any:
    """A function of a module that was imported from a file."""
    names: dict[str, Any] = {"__name__": file.stem}
    exec(compile("def mse(x, y): return 0", str(file), "exec"), names)
    return names["mse"]


def test_a_function_of_a_file_beside_the_notebook_is_the_students(tmp_path: Path) -> None:
    assert is_students(function_of(tmp_path / "helper.py"))


@pytest.mark.parametrize("folder", ["lib/python3.11/site-packages", "python3/dist-packages"])
def test_a_function_of_a_package_is_not_wherever_it_is_installed(
    tmp_path: Path, folder: str
) -> None:
    assert not is_students(function_of(tmp_path / folder / "library/metrics.py"))


def test_the_code_of_a_text_has_no_file() -> None:
    assert not is_students_file("<string>")
