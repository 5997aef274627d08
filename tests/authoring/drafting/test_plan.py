"""What is planned from what a notebook gave: names, titles, points, where answers may be."""

from __future__ import annotations

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.mistakes import ProposedEdit, ProposedMistake
from grader.authoring.drafting.plan import ObservedRun, Plan, make_plan
from grader.authoring.drafting.solved import DraftCell, DraftLine, SolvedNotebook, Task
from grader.trace import Array, Event, Number, Run, Value

GRADIENT = Array(origin="tensor", shape=(1,), dtype="float32", elements=(-28.0,))
CELLS = (
    DraftCell("markdown", (DraftLine("Why does it fall?"),)),
    DraftCell(
        "code", (DraftLine("J.backward()", in_handout=False), DraftLine("w.grad", in_handout=False))
    ),
    DraftCell("code", (DraftLine("w = w - w.grad", in_handout=False),)),
)
FALL = Task("", question="Why does it fall?")


def planned(
    *tasks: Task, values: dict[AnswerCandidate, Value], events: tuple[Event, ...] = ()
) -> Plan:
    candidates = {
        task: [candidate for candidate in values if candidate.cell in task.cells] for task in tasks
    }
    marked = {"given": Number(value=2)}
    return make_plan(
        SolvedNotebook("plain", CELLS, tasks),
        ObservedRun(Run(label="solved", events=events), candidates, values, marked),
    )


def exercises(plan: Plan) -> list[tuple[str, str, float, str]]:
    return [
        (
            planned_exercise.exercise.id,
            planned_exercise.exercise.title,
            planned_exercise.exercise.points,
            planned_exercise.exercise.check,
        )
        for planned_exercise in plan.exercises
    ]


def test_exercises_are_named_and_worth_what_the_notebook_says_or_one_point():
    values: dict[AnswerCandidate, Value] = {
        AnswerCandidate(1, 2, "w.grad"): GRADIENT,
        AnswerCandidate(2, 1, "w"): Number(value=3),
    }
    plan = planned(Task("Task 1: gradient", (1,), 2.5), Task("", (2,)), FALL, values=values)
    expected = [
        ("gradient", "Task 1: gradient", 2.5, "value"),
        ("w", "w", 1.0, "value"),
        ("why-does-it-fall", "Why does it fall?", 1.0, "text"),
    ]
    assert expected == exercises(plan)


def test_points_may_stand_in_the_heading():
    values: dict[AnswerCandidate, Value] = {AnswerCandidate(2, 1, "w"): Number(value=3)}
    plan = planned(Task("Problem 2 (4 points)", (2,)), values=values)
    assert [("problem-2", "Problem 2", 4.0, "value")] == exercises(plan)


def test_exercises_below_one_heading_have_titles_of_their_own():
    values: dict[AnswerCandidate, Value] = {
        AnswerCandidate(1, 2, "w.grad"): GRADIENT,
        AnswerCandidate(2, 1, "w"): Number(value=3),
    }
    plan = planned(Task("Step", (1,)), Task("Step", (2,)), values=values)
    assert ["Step: w.grad", "Step: w"] == [title for _, title, _, _ in exercises(plan)]


def test_a_gradient_is_looked_for_where_autograd_left_it():
    left = Event(run="solved", kind="grad", cell=1, values={"w": GRADIENT})
    values: dict[AnswerCandidate, Value] = {AnswerCandidate(1, 2, "w.grad"): GRADIENT}
    assert ("grad",) == planned(Task("T", (1,)), values=values, events=(left,)).exercises[
        0
    ].exercise.look_in
    assert () == planned(Task("T", (1,)), values=values).exercises[0].exercise.look_in


def test_what_cannot_be_compared_is_left_out_and_told():
    task = Task("Task", (1,))
    plan = planned(task, values={})
    assert ([], [task]) == (plan.exercises, plan.without_value)


def test_a_question_whose_words_students_do_not_get_is_left_out():
    asked = Task("T", question="What else?")
    assert [asked] == planned(asked, values={}).without_value


def test_an_answer_that_is_marked_already_is_not_marked_again():
    plan = planned(Task("T", (1,), name="given", marked=True), values={})
    assert (["given"], {}) == (
        [planned_exercise.exercise.id for planned_exercise in plan.exercises],
        plan.marks,
    )


def test_mistakes_are_written_above_the_answers_of_their_line():
    plan = planned(
        Task("T", (2,), name="step"), values={AnswerCandidate(2, 1, "w"): Number(value=3)}
    )
    plan.mistakes = [ProposedMistake("plus-sign", (ProposedEdit(2, 1, "w = w + w.grad"),))]
    assert {
        2: {1: ["# wrong(plus-sign): w = w + w.grad", "# grade: step = w"]}
    } == plan.mark_lines()
