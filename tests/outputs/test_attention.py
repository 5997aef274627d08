"""What matters most about a submission is said in few words, and once."""

from __future__ import annotations

import pytest

from grader.outputs.attention import main_things
from grader.report import Execution, Flag, Message
from tests.support.reports import exercise, submission


def waiting(reason: str, ended: str = "") -> list[str]:
    """What is said of a submission that waits, and perhaps ended too early."""
    why = Message(id=reason, params={"what": "wandbx", "cell": 3})
    flag = Flag(id="machine", message=why)
    step = exercise("gradient-step", "pending", 0.0, message=why, flags=(flag,))
    graph = exercise("resnet18-graph", "pending", 0.0, message=why, flags=(flag,))
    end = Message(id=ended, params={"cell": 3, "seconds": 30}) if ended else None
    result = submission("Ana", step, graph, execution=Execution(ended=end))
    return list(main_things(result, "en"))


def test_a_reason_to_wait_is_said_once() -> None:
    assert ["wandbx not installed"] == waiting("machine.package")


@pytest.mark.parametrize(
    ("reason", "ended"), [("machine.time", "ended.timeout"), ("machine.kernel", "ended.died")]
)
def test_what_the_end_tells_is_not_said_again(reason: str, ended: str) -> None:
    [text] = waiting(reason, ended)
    assert "cell 4" in text


def test_another_reason_is_said_beside_the_end() -> None:
    assert 2 == len(waiting("machine.package", "ended.timeout"))
