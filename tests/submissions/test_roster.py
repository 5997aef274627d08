"""The roster: which columns say what, and which of its students a submission is from."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.report import Person, Who
from grader.submissions.roster import RosterRow, join, read_roster
from grader.submissions.submission import Submission


def rows(tmp_path: Path, text: str) -> tuple[RosterRow, ...]:
    (tmp_path / "roster.csv").write_text(text, "utf-8")
    return read_roster(tmp_path / "roster.csv")


def row(name: str = "", lms_id: str = "", **known: str) -> RosterRow:
    return RosterRow(Person(name=name, **known), lms_id)


def submission(student: str, **who: object) -> Submission:
    return Submission(
        student, student, f"{student}.ipynb", Path(student), who=Who.model_validate(who)
    )


def names(joined: tuple[tuple[Submission, ...], tuple[Person, ...]]) -> tuple[list[str], list[str]]:
    """Names of those who handed in, and of those who did not."""
    submissions, absent = joined
    return [item.student for item in submissions], [person.name for person in absent]


# Reading


@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("Name,Student ID,Email,Username", "Ana Exemplo,7,ana@example.org,ana"),
        ("nome;matrícula;e-mail;usuário", "Ana Exemplo;7;ana@example.org;ana"),
        (
            "First name\tLast name\tID number\tEmail address\tLogin",
            "Ana\tExemplo\t7\tana@example.org\tana",
        ),
        ("Student|SIS User ID|email|SIS Login ID", "Exemplo, Ana|7|ana@example.org|ana"),
        (
            "Nome,Sobrenome,Número de identificação,Endereço de email,Login",
            "Ana,Exemplo,7,ana@example.org,ana",
        ),
        (
            "Nombre,Apellido(s),Número de ID,Dirección de correo,Nombre de usuario",
            "Ana,Exemplo,7,ana@example.org,ana",
        ),
        ("Apellidos y nombre;Legajo;Correo;Usuario", "Exemplo, Ana;7;ana@example.org;ana"),
        (
            "Nombres,Apellidos,Matrícula,Correo electrónico,Login",
            "Ana,Exemplo,7,ana@example.org,ana",
        ),
    ],
)
def test_columns_are_known_by_their_headings(tmp_path, heading, line):
    expected = Person(name="Ana Exemplo", id="7", email="ana@example.org", login="ana")
    assert [expected] == [
        student.person for student in rows(tmp_path, f"\ufeff{heading}\n{line}\n\n")
    ]


def test_moodles_number_is_read_out_of_its_words(tmp_path):
    assert ["4711"] == [
        student.lms_id for student in rows(tmp_path, "Identifier,Full name\nParticipant 4711,Ana\n")
    ]


def test_canvas_own_number_stands_beside_the_institutions(tmp_path):
    (student,) = rows(tmp_path, 'Student,ID,SIS User ID\n"Exemplo, Ana",4711,7\n')
    assert ("4711", "7") == (student.lms_id, student.person.id)


def test_a_line_that_is_cut_short_is_read_as_far_as_it_goes(tmp_path):
    assert ["Ana"] == [one.person.name for one in rows(tmp_path, "name,id,email\nAna\n,,\n")]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "No column"),
        (b"a,b\n1,2\n", "No column"),
        ("nome\nJosé\n".encode("latin-1"), "not in UTF-8"),
        (b'name\n"' + b"x" * 200_000, "not CSV"),
    ],
)
def test_a_file_that_is_no_roster_is_one_line(tmp_path, data, problem):
    (tmp_path / "roster.csv").write_bytes(data)
    with pytest.raises(GraderError, match=problem):
        read_roster(tmp_path / "roster.csv")


def test_a_roster_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(GraderError, match="cannot be read"):
        read_roster(tmp_path / "roster.csv")


def test_what_a_roster_holds_steers_no_terminal(tmp_path):
    assert ["Ana"] == [one.person.name for one in rows(tmp_path, "name\n\x1b[2JAna\u202e\n")]


# Joining


@pytest.mark.parametrize(
    "who",
    [
        {"source": "canvas", "lms_id": "4711", "name": "somebody"},
        {"id": "7"},
        {"email": "ANA@example.org"},
        {"source": "nbgrader", "login": "ana7"},
        {"source": "folders", "name": "ana"},
        {"source": "moodle", "name": "Ana Exemplo"},
        {"source": "canvas", "name": "exemploana"},
    ],
)
def test_a_student_is_known_by_the_surest_thing(who):
    roster = [
        row("Bruno Exemplo", "1", id="8"),
        row("Ana Exemplo", "4711", id="7", email="ana@example.org", login="ana7"),
    ]
    assert (["Ana Exemplo"], ["Bruno Exemplo"]) == names(join([submission("file", **who)], roster))


@pytest.mark.parametrize(
    "called", ["josé conceição", "conceicaojose", "JoseConceicao", "conceiçãojosé", "josconceio"]
)
def test_a_name_is_known_without_accents_and_with_whatever_part_first(called):
    joined = join(
        [submission("x", source="canvas", name=called)], [row("José Conceição"), row("Ana Exemplo")]
    )
    assert ["José Conceição"] == names(joined)[0]


def test_a_number_is_found_within_the_name_of_a_file():
    assert ["Ana Exemplo"] == names(
        join([submission("lista1_20231234_final")], [row("Ana Exemplo", id="20231234")])
    )[0]


def test_a_short_number_within_the_name_of_a_file_is_anybodys():
    assert ["lista1_12_final"] == names(
        join([submission("lista1_12_final")], [row("Ana Exemplo", id="12")])
    )[0]


def test_where_two_of_the_roster_have_a_name_neither_is_taken():
    roster = [row("Ana Exemplo", id="7"), row("Ana Exemplo", id="8")]
    ((known,), absent) = join([submission("x", source="folders", name="Ana Exemplo")], roster)
    assert ("x", "", False, 2) == (known.student, known.who.id, known.who.in_roster, len(absent))


def test_two_of_one_name_are_told_apart_by_what_is_surer():
    roster = [row("Ana Exemplo", id="7"), row("Ana Exemplo", id="8")]
    ((known,), absent) = join([submission("x", name="Ana Exemplo", id="8")], roster)
    assert ("8", ["7"]) == (known.who.id, [person.id for person in absent])


def test_one_whom_the_roster_has_not_is_said_to_be_missing_there():
    ((known,), _) = join([submission("zoe", source="folders", name="zoe")], [row("Ana Exemplo")])
    assert ("zoe", False) == (known.student, known.who.in_roster)


def test_members_of_a_group_are_each_known():
    members = (Person(email="ana@example.org"), Person(name="Caio Exemplo"))
    roster = [row("Ana Exemplo", email="ana@example.org"), row("Bruno Exemplo")]
    ((known,), absent) = join([submission("x", source="gradescope", members=members)], roster)
    assert (["Ana Exemplo", "Caio Exemplo"], False) == (
        [m.name for m in known.who.members],
        known.who.in_roster,
    )
    assert ["Bruno Exemplo"] == [person.name for person in absent]


def test_what_is_known_already_stays_where_the_roster_says_nothing():
    ((known,), _) = join(
        [submission("x", source="moodle", lms_id="5", name="Ana Exemplo")],
        [row("Ana Exemplo", id="7")],
    )
    assert ("moodle", "5", "7") == (known.who.source, known.who.lms_id, known.who.id)
