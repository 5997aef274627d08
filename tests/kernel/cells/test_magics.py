"""A magic that is not there stops no other line of its cell."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from grader.kernel.cells.magics import Magics
from grader.kernel.portability.offline import SKIP_NAME
from tests.support.recording import Recording, of_kind


class Extensions:
    """Extensions of which none can be loaded."""

    def load_extension(self, module_str: str) -> None:
        raise ModuleNotFoundError(module_str)

    reload_extension = load_extension


class Shell:
    """A shell with the magics `time` and `config`, of which the second fails."""

    def __init__(self) -> None:
        self.extension_manager = Extensions()
        self.input_transformers_cleanup: list[Any] = []
        self.transform_cell = TransformerManager().transform_cell
        self.calls: list[str] = []

    def find_line_magic(self, name: str) -> bool | None:
        return True if name in ("time", "config") else None

    find_cell_magic = find_line_magic

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> str:
        if magic_name == "config" or line == "fails":
            raise ValueError(line)
        return f"{magic_name} {line}"

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> str:
        return f"{magic_name} {line} {cell}"


@pytest.fixture
def recording() -> Recording:
    return Recording()


@pytest.fixture
def shell(recording: Recording) -> Shell:
    made = Shell()
    Magics(recording.recorder, made).install()
    return made


def skipped(recording: Recording) -> list[str]:
    return [event.text for event in of_kind(recording.events(), "skipped")]


def uncovered(shell: Shell, cell: str) -> str:
    lines = cell.splitlines(keepends=True)
    for transform in shell.input_transformers_cleanup:
        lines = transform(lines)
    return "".join(lines)


def test_a_line_magic_that_is_not_there_is_skipped(shell, recording):
    result = shell.run_line_magic("tensorboard", "--logdir logs")
    assert (None, ["%tensorboard --logdir logs"]) == (result, skipped(recording))


def test_a_line_magic_that_is_there_runs(shell):
    assert "time f()" == shell.run_line_magic("time", "f()")


def test_a_line_magic_that_sets_something_up_may_fail(shell, recording):
    shell.run_line_magic("config", "A.b = 1")
    assert ["%config A.b = 1"] == skipped(recording)


def test_the_students_error_under_a_line_magic_is_raised(shell):
    with pytest.raises(ValueError, match="fails"):
        shell.run_line_magic("time", "fails")


def test_the_old_way_to_call_a_magic_works(shell):
    assert "time f()" == shell.magic("%time f()")


def test_an_extension_that_is_not_there_is_skipped(shell, recording):
    shell.extension_manager.load_extension("tensorboard")
    assert ["%load_ext tensorboard"] == skipped(recording)


def test_python_below_a_cell_magic_that_is_not_there_runs_at_its_lines(shell):
    assert f"\n{SKIP_NAME}('%%wandb a')\nx = 1\n" == uncovered(shell, "\n%%wandb a\nx = 1\n")


def test_python_below_a_profiler_runs_as_a_cell_does(shell):
    shell.find_cell_magic = lambda name: True
    assert f"{SKIP_NAME}('%%prun -l 5')\nx = 1\n" == uncovered(shell, "%%prun -l 5\nx = 1\n")


@pytest.mark.parametrize(
    "cell",
    [
        "%%time\nx = 1\n",
        "%%sql\nSELECT * FROM t\n",
        "%%R\nx <- 5\n",
        "%%skip\nx = 1\n",
        "%%other\nSELECT *\n",
        "x = 1\n%%wandb\n",
    ],
)
def test_other_cells_stay_as_they_are(shell, cell):
    assert cell == uncovered(shell, cell)


def test_a_cell_in_another_language_is_skipped(shell, recording):
    assert (None, ["%%R"]) == (shell.run_cell_magic("R", "", "x <- 5"), skipped(recording))
