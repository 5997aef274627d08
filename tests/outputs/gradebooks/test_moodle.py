"""Moodle's worksheet gets grades and comments in any language, and keeps every other byte."""

from __future__ import annotations

import pytest

from grader.errors import GraderError
from grader.outputs.gradebooks.fill_in import COMMENT_BEGINS
from grader.outputs.gradebooks.grades import Scale
from grader.outputs.gradebooks.moodle import fill_moodle, read_worksheet
from grader.report import Who
from tests.support.gradebooks import half_step, settled
from tests.support.reports import report, submission

ENGLISH = """\
Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",\
"Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 71","Ana Exemplo",ana@example.org,"Submitted for grading",,12.00,Yes,\
"Friday, 3 May 2024, 10:00 AM",-,
"Participant 72","Beto Exemplo",beto@example.org,"Submitted for grading",3.00,12.00,Yes,\
"Friday, 3 May 2024",-,
"Participant 73","Zoé Exemplo",zoe@example.org,"No submission",,12.00,Yes,-,-,
"""


def with_comment(text: str) -> str:
    begins = COMMENT_BEGINS.replace('"', '""')
    return f'-,"{begins}{text}</div>"\n'


FILLED = (
    ENGLISH.replace('grading",,12.00', 'grading",10,12.00')
    .replace('grading",3.00,12.00', 'grading",8.5,12.00')
    .replace('10:00 AM",-,\n', f'10:00 AM",{with_comment("<p>Boa</p>")}')
    .replace('May 2024",-,\n', f'May 2024",{with_comment("<p>Quase</p>")}')
)
HEADERS = {
    "pt": 'Identificador,"Nome completo","Endereço de email",Status,Nota,"Nota máxima",'
    '"Nota pode ser alterada",'
    '"Última modificação (envio)","Última modificação (nota)","Comentários de feedback"',
    "es": 'Identificador,"Nombre completo","Dirección de correo",Estatus,Calificación,'
    '"Calificación máxima","La calificación puede ser cambiada",'
    '"Última modificación (entrega)","Última modificación (calificación)",'
    '"Comentarios de retroalimentación"',
    "xx": "a,b,c,d,e,f,g,h,i,j",
}
TWO = (settled("Ana Exemplo"), half_step("Beto Exemplo"))
COMMENTS = {
    result.id: text for result, text in zip(TWO, ("<p>Boa</p>", "<p>Quase</p>"), strict=True)
}


def filled(*submissions, text=ENGLISH, scale=None, comments=COMMENTS):
    return fill_moodle(text.encode(), report(*submissions), scale or Scale(), comments)


def with_header(text, language):
    return text.replace(text.split("\n")[0], HEADERS[language])


def test_grades_and_comments_are_written_and_everything_else_goes_back_as_it_was():
    assert FILLED == filled(*TWO).data.decode()


@pytest.mark.parametrize("language", HEADERS)
def test_a_worksheet_in_another_language_is_filled_in_just_so(language):
    assert (
        with_header(FILLED, language)
        == filled(*TWO, text=with_header(ENGLISH, language)).data.decode()
    )


def test_a_participant_is_read_in_another_language():
    text = with_header(ENGLISH, "pt").replace("Participant ", "Participante")
    assert (
        with_header(FILLED, "pt").replace("Participant ", "Participante")
        == filled(*TWO, text=text).data.decode()
    )


def test_decimal_commas_and_semicolons_stay():
    def european(text):
        return (
            text.replace("Friday, 3 May 2024, ", "3 May ").replace("Friday, ", "").replace(",", ";")
        )

    text = european(ENGLISH).replace("12.00", "12,00").replace("3.00", "3,00")
    expected = european(FILLED).replace("12.00", "12,00").replace("8.5", "8,5")
    assert expected == filled(*TWO, text=text).data.decode()


def test_a_grade_with_a_comma_is_quoted_where_commas_part_cells():
    text = ENGLISH.replace("12.00", '"12,00"').replace("3.00", '"3,00"')
    assert b'grading","8,5","12,00"' in filled(*TWO, text=text).data


@pytest.mark.parametrize("language", ["es", "xx"])
def test_grades_that_are_all_the_same_are_not_taken_for_the_maximum(language):
    header, *rows = with_header(ENGLISH, language).split("\n")
    gradebook = filled(*TWO, text="\n".join([header, rows[1], ""]))
    assert [("Beto Exemplo", "3.00", "8.5")] == gradebook.changed


def test_without_a_column_of_comments_none_is_written():
    lines = with_header(ENGLISH, "es").split("\n")
    gradebook = filled(*TWO, text="\n".join(line.rpartition(",")[0] for line in lines))
    assert (2, []) == (len(gradebook.graded), gradebook.commented)


def test_a_persons_comment_is_kept_and_listed():
    gradebook = filled(*TWO, text=ENGLISH.replace('10:00 AM",-,', '10:00 AM",-,Parabéns!'))
    assert (["Ana Exemplo"], True) == (
        gradebook.kept_comments,
        ",Parabéns!\n" in gradebook.data.decode(),
    )


def test_a_comment_of_an_earlier_run_is_replaced():
    again = filled(
        *TWO, text=filled(*TWO, comments=dict.fromkeys(COMMENTS, "<p>Velho</p>")).data.decode()
    )
    assert FILLED == again.data.decode()


def test_a_comment_is_not_written_before_the_grade():
    gradebook = filled(submission("Ana Exemplo"), comments={"ana-exemplo-1a2b3c": "<p>Boa</p>"})
    assert (ENGLISH, ["Ana Exemplo"]) == (gradebook.data.decode(), gradebook.pending)


def test_who_is_on_one_side_only_is_listed():
    matches = filled(*TWO, settled("Caio Exemplo")).matches
    assert (("Zoé Exemplo",), ("Caio Exemplo (caio-exemplo.ipynb)",)) == (
        matches.without_submission,
        matches.without_row,
    )


def test_where_names_are_hidden_the_number_of_the_participant_decides():
    header = "Identifier,Status,Grade,Maximum Grade,Feedback comments"
    text = f"{header}\nParticipant 71,Submitted,,12.00,\n"
    gradebook = filled(
        settled("Participant 71", who=Who(source="moodle", name="Participant 71", lms_id="71")),
        text=text,
    )
    assert (["71"], b"Submitted,10,12.00," in gradebook.data) == (gradebook.graded, True)


def test_another_maximum_than_the_assignments_points_is_refused_unless_the_scale_is_said():
    text = ENGLISH.replace("12.00", "20.00")
    with pytest.raises(GraderError, match="has 20 points, and the assignment 12"):
        filled(*TWO, text=text)
    assert b'grading",16.67,20.00' in filled(*TWO, text=text, scale=Scale(to=20)).data


@pytest.mark.parametrize(
    "text",
    ["a,b,c\n1,2,3\n", "Identifier,Full name\nParticipant 1,Ana\n", "Identifier,Grade\nAna,\n"],
)
def test_what_is_no_worksheet_is_refused(text):
    with pytest.raises(GraderError, match="no grading worksheet"):
        read_worksheet(text.encode())
