"""Reviews in every output: students read the comment, the staff also who decided and why."""

from __future__ import annotations

import pytest

from grader.grading.reviews import as_automatic, settle, settle_report
from grader.messages import Language
from grader.outputs.attention import main_things, reasons_to_look
from grader.outputs.feedback import as_comment, as_text, in_one_line
from grader.outputs.formats.csv import class_csv
from grader.outputs.formats.gradescope import results_json
from grader.outputs.formats.junit import junit_xml
from grader.outputs.terminal.regrade import regrade_view
from grader.outputs.terminal.student import submission_view
from grader.outputs.terminal.tables import class_table
from grader.report import ExerciseResult, SubmissionResult
from tests.outputs.terminal.test_tables import shown
from tests.support.reports import exercise, info, not_graded, report, submission, typed_in, zeroed
from tests.support.reviewing import answered, review, reviews

COMMENT, REASON, BY = "Faltou falar do grafo.", "Combinado na reunião.", "Bruno Exemplo"
READ = as_automatic(submission("Ana Exemplo", answered(1, "Porque guarda o gradiente.")))


def settled(
    result: SubmissionResult, name: str, credit: float | None, **more: str
) -> SubmissionResult:
    given = {"by": BY, "comment": COMMENT, "reason": REASON} | more
    return settle(result, reviews(review(result, name, credit, **given)))


def overridden() -> SubmissionResult:
    return settled(as_automatic(zeroed()), "gradient-step", 1)


STUDENTS = {
    "text": lambda result: as_text(result, info(), "pt"),
    "comment": lambda result: as_comment(result, "pt"),
    "line": lambda result: in_one_line(result, "pt"),
    "gradescope": lambda result: results_json(result, info(), "pt").decode("unicode_escape"),
    "csv": lambda result: class_csv(report(result), "pt").decode(),
}
ALSO_JUNIT = STUDENTS | {"junit": lambda result: junit_xml(report(result), "pt").decode()}


@pytest.mark.parametrize("output", STUDENTS)
@pytest.mark.parametrize("credit", [0, 0.5, 1])
def test_a_student_reads_the_comment_on_an_answer(output, credit):
    assert COMMENT in STUDENTS[output](settled(READ, "question-1", credit))


@pytest.mark.parametrize("output", ALSO_JUNIT)
@pytest.mark.parametrize("result", [settled(READ, "question-1", 0.5), overridden()])
def test_a_student_reads_neither_who_decided_nor_why(output, result):
    secrets = [REASON] if output == "csv" else [REASON, BY]  # the table is the instructor's
    assert [] == [secret for secret in secrets if secret in ALSO_JUNIT[output](result)]


def test_an_answer_that_was_read_has_points_and_waits_no_more():
    comment = as_comment(settled(READ, "question-1", 0.5), "pt")
    assert ("◐ <b>Questão 1</b> (0,5/1)" in comment, comment.count("à espera de uma pessoa")) == (
        True,
        1,
    )


def test_without_a_comment_a_student_reads_that_a_person_decided():
    assert "Uma pessoa corrigiu esta parte." in as_comment(
        settled(READ, "question-1", 1, comment=""), "pt"
    )


def test_what_the_grader_had_found_is_not_told_a_student_against_a_persons_word():
    assert "O gradiente foi zerado" in as_comment(zeroed(), "pt")
    text = as_comment(overridden(), "pt").split("<p>")[2]
    assert "✓ <b>Um passo do gradiente descendente</b> (3/3)<br>Faltou falar do grafo.</p>" == text


def test_a_comment_that_leaves_the_automatic_result_stands_beside_it():
    text = as_comment(settled(as_automatic(zeroed()), "gradient-step", None), "pt")
    assert (True, True) == (
        "O gradiente foi zerado antes de ser usado.<br>Faltou" in text,
        "(1,5/3)" in text,
    )


def test_a_comment_on_an_earlier_answer_is_not_told():
    later = as_automatic(submission("Ana Exemplo", answered(1, "Outra.")))
    stale = settle(later, reviews(review(READ, "question-1", 1, comment=COMMENT)))
    assert [] == [output for output, write in STUDENTS.items() if COMMENT in write(stale)]


def test_a_comment_is_no_markup_in_a_gradebook():
    assert "&lt;img src=x&gt;" in as_comment(
        settled(READ, "question-1", 1, comment="<img src=x>"), "pt"
    )


def test_the_instructor_reads_who_decided_why_and_what_the_grader_had_found():
    text = " ".join(shown(submission_view(overridden(), "pt", "instructor")).split())
    decided = "Bruno Exemplo deu 100% dos pontos, no lugar do resultado automático (50%)."
    assert [] == [
        part for part in (decided, f"Motivo: {REASON}", f"Ao aluno: {COMMENT}") if part not in text
    ]
    assert "Nenhum valor calculado no notebook é o que se pede." in text


def test_an_answer_that_was_read_is_not_said_to_wait():
    text = shown(submission_view(settled(READ, "question-1", 0.5), "pt", "instructor"))
    assert ("Bruno Exemplo deu 50% dos pontos." in text, text.count("falta uma pessoa ler")) == (
        True,
        1,
    )


# The class


def looked_at(*submissions: SubmissionResult, language: Language = "pt") -> list[tuple[str, str]]:
    return list(reasons_to_look(submissions, language))


def test_flags_that_a_person_settled_ask_for_no_look():
    before = as_automatic(typed_in())
    assert (1, []) == (len(looked_at(before)), looked_at(settled(before, "gradient-step", None)))


def test_values_of_one_line_that_are_flagged_alike_are_told_once():
    before = as_automatic(typed_in())
    (flagged,) = [each for each in before.exercises if each.flags]
    twice = flagged.model_copy(update={"flags": flagged.flags * 2})
    others = [twice if each is flagged else each for each in before.exercises]
    again = before.model_copy(update={"exercises": tuple(others)})
    assert looked_at(before) == looked_at(again)


def test_a_file_that_a_person_has_seen_asks_for_no_look():
    before = not_graded("Olívia Exemplo", "unreadable", "unreadable.git-conflict", line=212)
    assert (1, []) == (len(looked_at(before)), looked_at(settled(before, "", None)))


def test_the_mistake_of_an_exercise_that_a_person_decided_is_no_main_thing():
    both = exercise("gradient-step", "failed", 0.0, mistakes=zeroed().exercises[1].mistakes)
    before = as_automatic(submission("Ana Exemplo", both))
    assert ["gradiente zerado antes do passo"] == list(main_things(before, "pt"))
    assert [] == list(main_things(settled(before, "gradient-step", 1), "pt"))


def overtaken() -> tuple[SubmissionResult, SubmissionResult]:
    """An override whose automatic result changed, and an answer that was read before it changed."""
    step: ExerciseResult = exercise("gradient-step", "failed", 0.0)
    before, after = as_automatic(zeroed()), as_automatic(submission("Gabriela Exemplo", step))
    other = as_automatic(submission("Ana Exemplo", answered(1, "Outra.")))
    return (
        settle(after, reviews(review(before, "gradient-step", 1, by=BY))),
        settle(other, reviews(review(READ, "question-1", 1, by=BY))),
    )


OVERTAKEN = [
    (
        "Gabriela Exemplo",
        "Um passo do gradiente descendente: Bruno Exemplo decidiu isto antes de o resultado "
        "automático mudar: olhe de novo.",
    ),
    ("Ana Exemplo", "Questão 1: Bruno Exemplo olhou outra versão: esta ainda espera."),
]


def test_what_was_decided_of_something_else_asks_for_a_look():
    assert OVERTAKEN == looked_at(*overtaken())


def test_a_run_and_a_regrade_list_what_was_decided_of_something_else():
    whole = report(*overtaken())
    for view in (class_table(whole, "pt"), regrade_view(2, (), (), (), "pt", report=whole)):
        text = " ".join(shown(view).split())
        assert ["Gabriela", "Ana"] == [
            name.split()[0] for name, sentence in OVERTAKEN if sentence[-20:] in text
        ]


def test_a_class_that_was_read_has_its_points_in_the_table():
    both = [review(READ, f"question-{number}", 0.5, by=BY) for number in (1, 2)]
    text = shown(class_table(settle_report(report(READ), reviews(*both)), "pt"))
    assert (True, True) == ("11/12" in text, "1/2" in text)
