"""The page on solved notebooks: its commands, run as they stand there, print what it shows."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli.main import cli
from tests.support import forks
from tests.support.solved_notebooks import code, notebook, text, write

PAGE = (Path(__file__).parents[3] / "docs/from-a-solved-notebook.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def shown_notebook() -> dict[str, object]:
    """The notebook that the page shows, in cells."""
    cells = []
    for part in re.split(r"^# %%", blocks("python")[0], flags=re.MULTILINE)[1:]:
        kind, _, source = part.partition("\n")
        uncommented = re.sub(r"^# ?", "", source, flags=re.MULTILINE)
        cells.append(text(uncommented) if "markdown" in kind else code(source))
    return notebook(cells)


@pytest.fixture
def warm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands use the shared kernels: each would start a fork server, or plain kernels."""
    sandbox = "grader.running.sandbox.sandbox"
    monkeypatch.setattr(f"{sandbox}.trusted_sandbox", lambda: nullcontext(forks.unopened()))
    monkeypatch.setattr(f"{sandbox}.Sandbox", lambda _: nullcontext(forks.unopened()))


@pytest.mark.kernel
@pytest.mark.usefixtures("warm")
def test_the_commands_of_the_page_print_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    solved = write(tmp_path, shown_notebook(), "last-year.ipynb")
    (tmp_path / "submissions").mkdir()
    shutil.copy(solved, tmp_path / "submissions")
    (new, check, release, grade), shown = (
        (shlex.split(block)[1:] for block in blocks("sh")),
        blocks("text"),
    )
    for command, expected in zip((new, check), shown, strict=True):
        result = CliRunner().invoke(cli, command)
        assert [line.rstrip() for line in result.stdout.splitlines()] == expected.splitlines()
        assert 0 == result.exit_code
    assert (0, True) == (
        CliRunner().invoke(cli, release).exit_code,
        (tmp_path / "one-step.zip").is_file(),
    )
    assert 0 == CliRunner().invoke(cli, [*grade, "--sandbox", "none"]).exit_code
    (submission,) = json.loads((tmp_path / "grades/report.json").read_text("utf-8"))["submissions"]
    assert (submission["max_points"], submission["pending_points"]) == (submission["points"], 1.0)
