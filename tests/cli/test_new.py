"""`grade new`: what it prints and exits with. Fakes stand in for what is heavy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.draft import Draft
from grader.authoring.drafting.failures import FailedCell
from grader.authoring.drafting.inputs import FoundData, NamedData
from grader.authoring.drafting.plan import Plan, PlannedExercise
from grader.authoring.drafting.proposals.base import Proposal
from grader.authoring.drafting.solved import DraftCell, DraftLine, SolvedNotebook, Task
from grader.authoring.drafting.toml import DraftedMistake
from grader.authoring.drafting.variants import DraftedInput
from grader.authoring.validation.findings import Validation, ValidationFinding
from grader.errors import AssignmentError
from grader.report import Message
from grader.trace import Array, Number
from tests.support.commands import grade

LOSS = Task("Exercise 2: the loss", (11,))
X = NamedData("x", Array(origin="tensor", shape=(3,), dtype="float32", elements=(1.0, 2.0, 3.0)))
CELL = "\n".join(("e = t - y", "", "loss = (e ** 2).sum()"))
CELLS = tuple(DraftCell("code", tuple(map(DraftLine, CELL.split("\n")))) for _ in range(12))
TAKEN = PlannedExercise(
    "loss",
    "Exercise 2: the loss",
    2,
    LOSS,
    (
        Proposal("value", {}, (AnswerCandidate(11, 3, "loss"),), Number(value=14)),
        Proposal("value", {}, (AnswerCandidate(11, 1, "e"),)),
        Proposal("value", {}, (AnswerCandidate(11, 1, "w"),)),
        Proposal("manual", {"question": "Exercise 2"}, why="no-value"),
    ),
)
CALLED = PlannedExercise(
    "f", "A function", 1, Task("A function", (11,)), (Proposal("test", {"equal": ("f(2)",)}),)
)
WHY = PlannedExercise(
    "why",
    "Why",
    1,
    Task("Why", question="Why is it so?"),
    (Proposal("text", {"question": "Why is it so?"}),),
)
PLOT = PlannedExercise(
    "plot",
    "The plot",
    2,
    Task("The plot", (11,)),
    (Proposal("manual", {"question": "Draw the losses"}, why="figure"),),
)
DRAFT = Draft(
    name="lab",
    language="en",
    notebook=SolvedNotebook("plain", CELLS, (LOSS,), dropped_tests=2),
    plan=Plan([TAKEN, CALLED, WHY, PLOT], FoundData((X,)), (DraftedInput(X, ("2 * x",), (), ()),)),
    mistakes=(
        DraftedMistake("no-square", {"pt": "quadrado esquecido", "en": "square left out"}, {}),
    ),
    unworded=(),
    exercises=Path("exercises/lab"),
    solutions=Path("solutions/lab"),
)


def fake_draft(monkeypatch: pytest.MonkeyPatch, draft: Draft, *, valid: bool) -> None:
    """Put a draft, and what validation says about it, in place of the real ones."""

    def draft_assignment(name, notebook, settings, progress, *, handout, force):
        assert handout in (None, Path("exercises.ipynb"))
        assert "lab" == name
        assert Path("solved.ipynb") == notebook
        return replace(
            draft,
            language=settings.language or "en",
            backups=(Path("lab.bak/1"),) if force else (),
        )

    message = Message(id="validate.no-leak" if valid else "validate.reference-loses")
    validation = Validation("lab", "en", (ValidationFinding(valid, message),))
    monkeypatch.setattr("grader.cli.new.draft_assignment", draft_assignment)
    monkeypatch.setattr("grader.cli.new.validate_assignments", lambda *_: (validation,))


@pytest.fixture
def new(monkeypatch: pytest.MonkeyPatch):
    """Runs `grade new lab solved.ipynb` with a draft and a verdict made up."""

    def run(*options: str, valid: bool = True) -> Result:
        fake_draft(monkeypatch, DRAFT, valid=valid)
        return grade("new", "lab", "solved.ipynb", *options)

    return run


def test_each_answer_that_was_taken_is_shown_with_its_line(new):
    shown = new().stdout
    lines = [line.strip() for line in shown.splitlines()]
    took = "I took `loss` in cell 12 as the answer to “Exercise 2: the loss”: check this line."
    assert took in shown
    index = lines.index(took)
    assert ["loss = (e ** 2).sum()", "# grade: loss = loss"] == lines[index + 1 : index + 3]
    assert "Other values there: e, w" in shown


def test_what_a_person_reads_is_shown(new):
    assert "A person reads the answer to “Why is it so?”" in new().stdout


def test_the_output_begins_with_what_is_graded_automatically(new):
    first = new().stdout.splitlines()[0]
    assert "Graded automatically: 2 of 4 tasks, 3 of 6 points." == first.strip()


def test_each_task_that_waits_for_a_person_says_why(new):
    shown = " ".join(new().stdout.split())
    assert "The plot (2 points): waits for a person, who looks at the figure." in shown
    assert "Why (1 point): waits for a person, who reads the answer." in shown


def test_what_the_notebook_is_asked_is_shown(new):
    shown = new().stdout
    assert "For “A function” the notebook is asked this once its cells have run:" in shown
    assert 'equal = ["f(2)"]' in shown


def test_cells_that_fail_are_shown(monkeypatch: pytest.MonkeyPatch):
    failed = replace(DRAFT, failed=(FailedCell(5, "ZeroDivisionError", "division by zero"),))
    fake_draft(monkeypatch, failed, valid=True)
    shown = " ".join(grade("new", "lab", "solved.ipynb").stdout.split())
    assert "Cell 5 of the solved notebook fails: ZeroDivisionError: division by zero." in shown


def test_a_missing_package_is_shown_with_its_install_line(monkeypatch: pytest.MonkeyPatch):
    cell = FailedCell(2, "ModuleNotFoundError", "No module named 'sklearn.svm'")
    fake_draft(monkeypatch, replace(DRAFT, failed=(cell,)), valid=True)
    shown = " ".join(grade("new", "lab", "solved.ipynb").stdout.split())
    assert "pip install scikit-learn" in shown


def test_what_was_left_out_is_shown(new):
    shown = " ".join(new().stdout.split())
    assert "2 test cells are left out" in shown


def test_data_and_mistakes_are_shown(new):
    shown = " ".join(new().stdout.split())
    assert "replace this data: x." in shown
    assert "1 known mistake, tried out: square left out." in shown


def test_what_validate_says_is_shown_and_then_what_to_do(new):
    shown = new().stdout
    assert shown.index("lab: all right (1 check)") < shown.index("Next:")
    assert "grade submissions/ --assignment lab" in shown


def test_a_valid_assignment_exits_with_0(new):
    assert 0 == new().exit_code


def test_an_assignment_that_is_not_valid_yet_exits_with_1_and_says_to_mend_it(new):
    result = new(valid=False)
    assert 1 == result.exit_code
    assert "1. Fix what is marked" in result.stdout


def test_the_language_can_be_chosen(new):
    assert "Tomei `loss`, na célula 12" in new("--language", "pt").stdout


def test_what_was_replaced_is_said(new):
    assert "The previous files are in lab.bak/1/." in new("--force").stdout


def test_a_notebook_that_cannot_be_used_is_one_line(monkeypatch: pytest.MonkeyPatch):
    def refused(*_, **__):
        raise AssignmentError("nothing in it looks like an exercise.", where=Path("solved.ipynb"))

    monkeypatch.setattr("grader.cli.new.draft_assignment", refused)
    result = grade("new", "lab", "solved.ipynb")
    assert 3 == result.exit_code
    assert "grade: solved.ipynb: nothing in it looks like an exercise." == result.stderr.strip()


def test_nobody_asks_for_a_quick_and_a_thorough_validation(new):
    result = new("--quick", "--thorough")
    assert (2, True) == (result.exit_code, "not both" in result.output)
