"""No expected value reaches a submission's kernel, a report, or a folder that others open."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from grader.report.class_report import Report
from grader.running import session as running
from tests.corpus.given import BACKWARD, START
from tests.support.courses import Course, graded, write_notebook
from tests.support.mean_course import MEAN, SPREAD

pytestmark = pytest.mark.kernel


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every specification written for a kernel, and every request sent to one."""
    texts: list[str] = []
    write_text = Path.write_text
    send = running.send_and_wait

    def note_and_write(path: Path, text: str, *others: Any) -> int:
        texts.append(text)
        return write_text(path, text, *others)

    async def note_and_send(kernel: Any, code: str) -> None:
        texts.append(code)
        await send(kernel, code)

    monkeypatch.setattr(Path, "write_text", note_and_write)
    monkeypatch.setattr(running, "send_and_wait", note_and_send)
    return texts


@pytest.mark.parametrize("sandbox", ["auto", "none"])
def test_no_expected_value_reaches_a_kernel_that_runs_a_submission(
    sandbox: str, mean_course: Course, folder: Path, out: Path, sent: list[str]
) -> None:
    graded(folder, mean_course.settings(out, sandbox=sandbox))
    assert any("media" in text for text in sent)
    assert [] == [text for text in sent if MEAN in text or SPREAD in text]


def test_the_report_of_a_class_that_failed_holds_no_expected_value(
    autograd: Course, tmp_path: Path, out: Path
) -> None:
    mean_for_sum = (
        "J = ((x * w - y) ** 2).mean()",
        "J.backward()",
        "w.data = w.data - 0.1 * w.grad.data",
        "print(((x * w - y) ** 2).mean() - J)",
    )
    other_loss = BACKWARD.replace("J.", "e2.sum().sqrt().")
    write_notebook(tmp_path / "in/ana.ipynb", [*START, *mean_for_sum])
    write_notebook(tmp_path / "in/bia.ipynb", [*START, other_loss, "resposta = 7"])

    report = graded(tmp_path / "in", autograd.settings(out))

    assert [0.0, 0.0] == [submission.points for submission in report.submissions]
    text = text_without_notes(out / "report.json").replace(",", ".")
    expected_value = re.compile(r"(?<![\d.])(45\.3[56]|31\.3[56]|3\.8|3\.79)")
    assert [] == expected_value.findall(text)


def text_without_notes(path: Path) -> str:
    """Return a report's JSON without measurements and the notes that are the instructor's."""
    data = Report.model_validate_json(path.read_bytes()).canonical()
    for exercise in data["assignments"][0]["exercises"]:
        del exercise["note"]
    return json.dumps(data)


def test_expected_values_lie_in_a_folder_that_only_its_owner_opens(
    mean_course: Course, folder: Path, out: Path
) -> None:
    graded(folder, mean_course.settings(out))
    with_answer = [path for path in out.rglob("*.json") if SPREAD in path.read_text("utf-8")]
    assert "private" in {path.relative_to(out).parts[0] for path in with_answer}
    assert 0o700 == (out / "private").stat().st_mode & 0o777
