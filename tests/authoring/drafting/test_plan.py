"""What is planned from what a notebook gave: names, titles, points, where answers may be."""

from __future__ import annotations

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.mistakes import ProposedEdit, ProposedMistake
from grader.authoring.drafting.plan import Plan, make_plan
from grader.authoring.drafting.proposals.base import Proposal
from grader.authoring.drafting.solved import DraftCell, DraftLine, SolvedNotebook, Task
from grader.trace import Number

CELLS = (
    DraftCell("markdown", (DraftLine("Why does it fall?"),)),
    DraftCell(
        "code", (DraftLine("J.backward()", in_handout=False), DraftLine("w.grad", in_handout=False))
    ),
    DraftCell("code", (DraftLine("w = w - w.grad", in_handout=False),)),
)
FALL = Task("", question="Why does it fall?")


def by_value(candidate: AnswerCandidate, number: float) -> Proposal:
    return Proposal("value", {}, (candidate,), Number(value=number))


BY_A_PERSON = Proposal("manual", {"question": "Why"}, why="no-value")
GRADIENT = by_value(AnswerCandidate(1, 2, "w.grad"), -28)
STEP = by_value(AnswerCandidate(2, 1, "w"), 3)
IN_WORDS = Proposal("text", {"question": "Why does it fall?"})


def planned(*answered: tuple[Task, Proposal]) -> Plan:
    tasks = tuple(task for task, _ in answered)
    notebook = SolvedNotebook("plain", CELLS, tasks)
    return make_plan(notebook, [(proposal, BY_A_PERSON) for _, proposal in answered])


def exercises(plan: Plan) -> list[tuple[str, str, float, str]]:
    return [
        (
            planned_exercise.id,
            planned_exercise.title,
            planned_exercise.points,
            planned_exercise.proposal.check,
        )
        for planned_exercise in plan.exercises
    ]


def test_exercises_are_named_and_worth_what_the_notebook_says_or_one_point():
    plan = planned(
        (Task("Task 1: gradient", (1,), 2.5), GRADIENT), (Task("", (2,)), STEP), (FALL, IN_WORDS)
    )
    expected = [
        ("gradient", "Task 1: gradient", 2.5, "value"),
        ("w", "w", 1.0, "value"),
        ("why-does-it-fall", "Why does it fall?", 1.0, "text"),
    ]
    assert expected == exercises(plan)


def test_points_may_stand_in_the_heading():
    plan = planned((Task("Problem 2 (4 points)", (2,)), STEP))
    assert [("problem-2", "Problem 2", 4.0, "value")] == exercises(plan)


def test_exercises_below_one_heading_have_titles_of_their_own():
    plan = planned((Task("Step", (1,)), GRADIENT), (Task("Step", (2,)), STEP))
    assert ["Step: w.grad", "Step: w"] == [title for _, title, _, _ in exercises(plan)]


def test_what_the_grader_cannot_decide_is_left_to_a_person():
    plan = planned((Task("Task", (1,)), BY_A_PERSON))
    assert [("task", "Task", 1.0, "manual")] == exercises(plan)


def test_an_exercise_falls_back_to_the_next_way_to_decide_it():
    plan = planned((Task("Task", (2,)), STEP))
    assert plan.fall_back({"task": "earned"})
    assert ["manual"] == [check for _, _, _, check in exercises(plan)]
    assert ["earned"] == [planned_exercise.proposal.why for planned_exercise in plan.exercises]
    assert not plan.fall_back({"task": "lost"})


def test_a_proposal_that_its_check_does_not_take_is_passed_over():
    plan = planned((Task("Task", (2,)), Proposal("function", {"function": "f", "calls": ("1",)})))
    assert ["manual"] == [check for _, _, _, check in exercises(plan)]


def test_an_answer_that_is_marked_already_is_not_marked_again():
    marked = Proposal("value", {}, value=Number(value=2))
    plan = planned((Task("T", (1,), name="given", marked=True), marked))
    assert (["given"], {}) == ([each.id for each in plan.exercises], plan.marks)


def test_mistakes_are_written_above_the_answers_of_their_line():
    plan = planned((Task("T", (2,), name="step"), STEP))
    plan.mistakes = [ProposedMistake("plus-sign", (ProposedEdit(2, 1, "w = w + w.grad"),))]
    assert {
        2: {1: ["# wrong(plus-sign): w = w + w.grad", "# grade: step = w"]}
    } == plan.mark_lines()


def test_functions_that_measure_models_are_written_once():
    scores = [
        Proposal("score", {"of": name, "with": f"f({name})", "at_most": 1}, probes="def f(m): ...")
        for name in ("a", "b")
    ]
    plan = planned((Task("A", (1,)), scores[0]), (Task("B", (2,)), scores[1]))
    assert "def f(m): ..." == plan.probes


def test_a_plan_without_variants_falls_back_on_its_own():
    plan = planned((Task("Task", (2,)), STEP))
    plan.seeds = True
    unvaried = plan.without_variants()
    assert unvaried.fall_back({"task": "lost"})
    assert (False, True) == (unvaried.seeds, plan.seeds)
    assert ["value"] == [check for _, _, _, check in exercises(plan)]
