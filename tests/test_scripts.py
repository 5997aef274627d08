"""The scripts: what they measure and draw is what the code is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parent.parent


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, f"scripts/{script}", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder for code to measure."""
    return tmp_path


def measured(package: Path, source: str) -> subprocess.CompletedProcess[str]:
    (package / "module.py").write_text(dedent(source), "utf-8")
    return run("density.py", str(package))


def test_expressions_and_statements_of_code_lines_are_counted(package: Path) -> None:
    result = measured(
        package,
        '''
        """No code."""

        # No code either.
        total = 1
        """No code either."""
        ''',
    )
    # An Assign, a Name and a Constant; two texts, which are an Expr and a Constant each.
    assert "1 lines   7.00" in result.stdout


def test_code_that_is_too_dense_ends_with_1(package: Path) -> None:
    result = measured(package, "total = sum(a * b + c for a, b, c in zip(d, e, f))")
    assert (1, True) == (result.returncode, "give steps a name" in result.stderr)


def test_a_function_that_is_too_long_is_named(package: Path) -> None:
    body = "\n".join("    pass" for _ in range(60))
    result = measured(package, f"def long():\n{body}\n")
    assert (1, True) == (result.returncode, "long has 61 lines" in result.stderr)


def test_a_module_that_is_too_long_is_named(package: Path) -> None:
    result = measured(package, "pass\n" * 500)
    assert (1, True) == (result.returncode, "has 500 lines" in result.stderr)


def test_the_drawing_of_the_rooms_is_up_to_date() -> None:
    result = run("draw_rooms.py", "--check")
    assert (0, "") == (result.returncode, result.stderr)
