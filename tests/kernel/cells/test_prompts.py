"""A cell that asks for input is answered at once, and ends even if it catches everything."""

from __future__ import annotations

import sys

import pytest
from IPython.core.error import StdinNotImplementedError

from grader.kernel.cells.cell_end import CellEnd
from grader.kernel.cells.prompts import MAX_ASKED, InputAskedAgain, Prompts
from tests.support.recording import Recording, of_kind

ASKS_FOR_EVER = """
    asked = 0
    while True:
        try:
            asked += 1
            n = int(ask("learning rate? "))
            break
        except{caught}:
            pass
"""


class Shell:
    """A shell of nothing but a namespace."""

    def __init__(self, recording: Recording) -> None:
        self.user_ns = recording.names

    def run_code(self) -> None:
        """Run nothing."""


@pytest.fixture
def recording() -> Recording:
    return Recording()


@pytest.fixture
def cell_end(recording: Recording):
    made = CellEnd(Shell(recording))
    made.begin()
    yield made
    made.finish()


@pytest.fixture
def prompts(recording: Recording, cell_end: CellEnd) -> Prompts:
    made = Prompts(recording.recorder, cell_end)
    recording.names["ask"] = made.ask
    return made


def notes(recording: Recording) -> list[str]:
    return [event.text for event in of_kind(recording.events(), "note")]


def test_a_question_raises_jupyters_error_and_is_noted(prompts, recording):
    with pytest.raises(StdinNotImplementedError):
        prompts.ask("Epochs: ")
    assert ["input Epochs:"] == notes(recording)


def test_a_cell_may_go_on_without_an_answer(prompts, recording):
    recording.run("try:\n    n = int(ask('n'))\nexcept:\n    n = 7")
    assert 7 == recording.names["n"]


@pytest.mark.parametrize(
    "caught", ["", " Exception", " BaseException", " (ValueError, BaseException)"]
)
def test_a_cell_that_asks_for_ever_ends(prompts, recording, caught):
    with pytest.raises(InputAskedAgain):
        recording.run(ASKS_FOR_EVER.format(caught=caught))
    assert MAX_ASKED + 1 == recording.names["asked"]


def test_both_errors_have_one_name():
    assert StdinNotImplementedError.__name__ == InputAskedAgain.__name__


def test_a_call_of_a_function_between_cells_is_never_ended(prompts, cell_end):
    cell_end.finish()
    for _ in range(MAX_ASKED + 5):
        with pytest.raises(StdinNotImplementedError):
            prompts.ask()


def test_an_interrupt_ends_a_cell_that_catches_everything(cell_end, recording):
    with pytest.raises(KeyboardInterrupt):
        recording.run("""
            import signal
            while True:
                try:
                    signal.raise_signal(signal.SIGINT)
                except:
                    pass
        """)


def test_a_cell_that_catches_the_interrupt_alone_may_go_on(cell_end, recording):
    recording.run("""
        import signal
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            stopped = True
    """)
    assert recording.names["stopped"]


def test_a_debugger_goes_on_at_once(prompts, recording, monkeypatch):
    monkeypatch.setattr(sys, "breakpointhook", prompts._go_on)
    recording.run("breakpoint()\nafter = 1")
    assert (1, ["debugger breakpoint()"]) == (recording.names["after"], notes(recording))
