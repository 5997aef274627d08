"""What a path says of who handed a file in, in each layout."""

from __future__ import annotations

import pytest

from grader.report import Who
from grader.submissions.lms_downloads import (
    Ownership,
    copy_number,
    find_owners,
    original_names,
    owner_in_download,
)


def owner(*parts: str, above: str = "") -> Ownership:
    """Whose a file is that was handed in alone."""
    return find_owners({parts: above})[parts]


def who(*parts: str, above: str = "") -> tuple[str, str, str]:
    """Source, number and name (or login)."""
    person = owner(*parts, above=above).who
    return person.source, person.lms_id, person.name or person.login


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("souzaana_4711_90210_work.ipynb",), ("canvas", "4711", "souzaana")),
        (("souzaana_LATE_4711_90210_work.ipynb",), ("canvas", "4711", "souzaana")),
        (("souzaana_4711_text.html",), ("canvas", "4711", "souzaana")),
        (("anon1234_4711_90210_work.ipynb",), ("canvas", "4711", "")),
        (("Ana Souza_4711_assignsubmission_file", "work.ipynb"), ("moodle", "4711", "Ana Souza")),
        (("Ana Souza_4711_assignsubmission_file_work.ipynb",), ("moodle", "4711", "Ana Souza")),
        (("Participant_4711_assignsubmission_file", "work.ipynb"), ("moodle", "4711", "")),
        (("Participante_4711_assignsubmission_file_work.ipynb",), ("moodle", "4711", "")),
        (("Homework_asouza_attempt_2024-03-01-21-04-11_work.ipynb",), ("blackboard", "", "asouza")),
        (
            ("4711-90210 - Ana Souza- Nov 28, 2026 1105 PM", "work.ipynb"),
            ("brightspace", "4711", "Ana Souza"),
        ),
        (
            ("4711-90210 - Ana Lima-Souza - May 3, 2026 9:05 AM - my - work.ipynb",),
            ("brightspace", "4711", "Ana Lima-Souza"),
        ),
        (
            ("Homework 1", "Souza, Ana(asouza)", "Submission attachment(s)", "work.ipynb"),
            ("sakai", "", "Ana Souza"),
        ),
        (("assignment_7_export", "submission_21", "work.ipynb"), ("gradescope", "21", "")),
        (("submitted", "asouza", "homework", "work.ipynb"), ("nbgrader", "", "asouza")),
    ],
)
def test_a_name_says_whose_a_file_is(parts, expected):
    assert expected == who(*parts)


@pytest.mark.parametrize(
    "name",
    [
        "work.ipynb",
        "my_work_2.ipynb",
        "lesson_3_linear.ipynb",
        "Ana_4711_assignsubmission_file",
        "x_attempt_2024.ipynb",
        "12-3 - Ana Souza- work.ipynb",
        "4711-90210 - Ana Souza- Nov 28, 2026 1105 PM",
        "submission_21",
    ],
)
def test_a_name_like_any_other_says_nothing(name):
    ownership = owner(name)
    assert ("", True) == (ownership.who.source, ownership.is_single)


def test_the_folder_that_was_given_may_say_it():
    assert ("moodle", "4711", "Ana Souza") == who(
        "work.ipynb", above="Ana Souza_4711_assignsubmission_file"
    )


def test_a_numbered_folder_is_gradescopes_only_in_an_export_or_with_its_list():
    parts = ("submission_21", "work.ipynb")
    ana = Who(name="Ana Exemplo", attempt="2024-03-01")
    listed = owner_in_download(parts, {"21": ana})
    assert listed is not None
    assert (None, "Ana Exemplo", ("2024-03-01", 21)) == (
        owner_in_download(parts),
        listed.who.name,
        listed.order,
    )


def test_files_of_one_student_have_one_owner_and_their_own_names():
    names = (
        "souzaana_4711_90210_work.ipynb",
        "souzaana_4711_90211_data.csv",
        "limajose_4712_90212_work.ipynb",
    )
    ana, ana_again, jose = [owner(name) for name in names]
    assert ana.owner == ana_again.owner != jose.owner
    assert ["work.ipynb", "data.csv", "work.ipynb"] == [ana.file, ana_again.file, jose.file]


def test_a_later_attempt_has_a_greater_order():
    attempts = ("2024-03-01-21-04-11", "2024-03-02-08-00-00")
    first, second = (owner(f"Hw_asouza_attempt_{attempt}_w.ipynb").order for attempt in attempts)
    assert first < second


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("Nov 28, 2026 905 AM", "Nov 28, 2026 1105 AM"),
        ("Nov 28, 2026 1105 PM", "Dec 1, 2026 1204 AM"),
        ("April 28, 2026 9:05 AM", "May 1, 2026 9:05 AM"),
    ],
)
def test_attempts_in_brightspace_are_ordered_by_their_times(earlier, later):
    times = (earlier, later)
    first, second = (owner(f"1-2 - Ana Souza- {time} - w.ipynb") for time in times)
    assert first.owner == second.owner
    assert first.order < second.order


def test_canvas_says_that_work_was_late():
    assert [False, True] == [owner(f"a{late}_1_2_w.ipynb").who.late for late in ("", "_LATE")]


# Blackboard's receipts


def test_blackboards_note_on_an_attempt_is_the_students_receipt():
    ownership = owner("Homework_asouza_attempt_2024-03-01-21-04-11.txt")
    assert ("receipt.txt", "asouza", "2024-03-01T21:04:11") == (
        ownership.file,
        ownership.who.login,
        ownership.who.attempt,
    )


def test_a_receipt_and_the_file_of_an_attempt_have_one_owner():
    stem = "Homework_asouza_attempt_2024-03-01-21-04-11"
    assert owner(f"{stem}.txt").owner == owner(f"{stem}_work.ipynb").owner


def test_the_name_of_an_assignment_may_have_underscores():
    assert "asouza" == owner("Lista_1_final_asouza_attempt_2024-03-01-21-04-11_w.ipynb").who.login


# Moodle's groups


def moodle(*names: str) -> list[tuple[str, str]]:
    """Group and name of each of the students of a download."""
    paths = {
        (f"{name}_{n}_assignsubmission_file", "w.ipynb"): "" for n, name in enumerate(names, 1)
    }
    return [(ownership.who.group, ownership.who.name) for ownership in find_owners(paths).values()]


def test_where_groups_hand_in_the_group_stands_before_the_name():
    expected = [
        ("Grupo 1", "Ana Exemplo"),
        ("Grupo 1", "Bruno Exemplo"),
        ("Grupo 2", "Caio Exemplo"),
    ]
    assert expected == moodle(
        "Grupo 1-Ana Exemplo", "Grupo 1-Bruno Exemplo", "Grupo 2-Caio Exemplo"
    )


def test_a_double_name_is_no_group():
    assert [("", "Ana-Maria Exemplo"), ("", "Bruno Exemplo")] == moodle(
        "Ana-Maria Exemplo", "Bruno Exemplo"
    )


def test_double_names_of_a_whole_class_are_no_groups_if_none_comes_twice():
    assert [("", "Ana-Maria"), ("", "Jean-Luc")] == moodle("Ana-Maria", "Jean-Luc")


def test_the_name_of_a_member_may_have_a_hyphen_of_its_own():
    assert [("G1", "Ana-Maria"), ("G1", "Bruno")] == moodle("G1-Ana-Maria", "G1-Bruno")


def test_a_blind_download_of_groups_names_nobody():
    paths = {(f"Participant_{n}_assignsubmission_file", "w.ipynb"): "" for n in (1, 2)}
    assert [("1", ""), ("2", "")] == [
        (ownership.who.lms_id, ownership.who.name) for ownership in find_owners(paths).values()
    ]


# The names of files


@pytest.mark.parametrize(
    ("file", "number", "names"),
    [
        ("hw.ipynb", 0, ["hw.ipynb"]),
        ("hw-2.ipynb", 2, ["hw-2.ipynb", "hw.ipynb"]),
        ("hw (3).ipynb", 3, ["hw (3).ipynb", "hw.ipynb"]),
        ("hw(1).csv", 1, ["hw(1).csv", "hw.csv"]),
        ("hw-2024.ipynb", 0, ["hw-2024.ipynb"]),
    ],
)
def test_a_file_that_is_handed_in_again_has_a_number_and_the_name_it_had(file, number, names):
    assert (number, names) == (copy_number(file), list(original_names(file)))
