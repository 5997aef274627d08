"""The page of a class: what stands on it."""

from __future__ import annotations

import re

import pytest

from grader.report import ExerciseInfo, Person, Reviewed, Who
from tests.support.pages import alike, of_class, text_of
from tests.support.reports import (
    endless,
    exercise,
    not_graded,
    question,
    report,
    resnet34,
    submission,
    typed_in,
    unsealed,
    zeroed,
)

TITLE = "PyTorch: Variable, gradientes e grafo computacional"


def section(page: str, heading: str) -> str:
    """The text of the card with a heading."""
    cards = re.findall(r'<section class="card[^>]*>(.*?)</section>', page, flags=re.DOTALL)
    (card,) = [card for card in cards if f"<h3>{heading}</h3>" in card]
    return text_of(f"<body>{card}</body>")


def row(page: str, name: str) -> list[str]:
    """The texts of the cells of a student's row."""
    rows = re.findall(r"<tr id=.*?</tr>", page, flags=re.DOTALL)
    (matching,) = [row_html for row_html in rows if name in row_html]
    cells = re.findall(r"<td.*?</td>", matching, flags=re.DOTALL)
    return [text_of(f"<body>{cell}</body>") for cell in cells]


def test_the_head_says_the_assignment_and_the_class_in_numbers():
    assert f"{TITLE} 2 submissions · mean 7 of 12" in text_of(
        of_class(report(zeroed(), resnet34()))
    )


def test_a_row_has_points_marks_questions_and_what_to_know():
    page = of_class(report(zeroed()))
    expected = ["Gabriela Exemplo", "7 (+1)/12", "✓ 2", "◐ 1.5", "◐ 0.5", "✓ 3", "1 to read"]
    assert [*expected, "gradient zeroed before the step"] == row(page, "Gabriela")


def test_a_row_leads_to_the_students_page():
    result = zeroed()
    assert f'<a href="pages/{result.id}.html">Gabriela Exemplo</a>' in of_class(report(result))


def test_a_flag_needs_a_person_and_stands_in_its_row():
    page = of_class(report(typed_in(), submission("Ana Exemplo")))
    assert ("⚑" in row(page, "Lucas")[-1], True) == (
        True,
        "Lucas Exemplo" in section(page, "Needs a person"),
    )


def test_a_file_that_could_not_be_read_needs_a_person_and_says_what_to_write():
    page = of_class(report(not_graded("Olivia Exemplo", "unreadable", "unreadable.empty")))
    text = text_of(page)
    assert ("unreadable 1 Olivia Exemplo" in section(page, "Needs a person"), True) == (
        True,
        "what to write" in text,
    )


def test_answers_to_read_are_counted_together():
    page = of_class(
        report(submission("Ana Exemplo"), submission("Bia Exemplo", question(1, "missing")))
    )
    assert section(page, "Needs a person").endswith("answers to read 3 grade review")


def test_more_names_than_there_is_room_for_are_counted():
    results = [
        typed_in().model_copy(update={"id": f"a{n}", "student": f"Student {n}"}) for n in range(9)
    ]
    assert "Student 5 , 3 more" in section(of_class(report(*results)), "Needs a person")


def test_the_commonest_mistakes_come_first_each_student_once():
    result = zeroed()
    other = result.model_copy(update={"id": "b"})
    assert "Most common mistakes gradient zeroed before the step 2" == section(
        of_class(report(result, other, resnet34())), "Most common mistakes"
    )


def test_points_are_counted_in_tenths_and_all_points_in_the_last():
    full, none = submission("Ana Exemplo"), submission("Bia Exemplo", points=0.0)
    titles = re.findall(r"<g[^>]*><title>(.*?)</title>", of_class(report(full, full, none)))
    assert ("0 to 10% of the points: 1 student", "90 to 100% of the points: 2 students") == (
        titles[0],
        titles[-1],
    )


def test_the_mean_and_the_median_stand_below_the_distribution():
    full, none = submission("Ana Exemplo"), submission("Bia Exemplo", points=0.0)
    assert "mean 6.67 · median 10" in section(of_class(report(full, full, none)), "Points")


def test_a_column_is_headed_by_the_title_of_its_exercise():
    page = of_class(report(submission("Ana Exemplo")))
    assert '<th scope="col" data-kind="number" title="gradient-step">' in page
    assert 'data-head="Um passo do gradiente descendente"' in page


def test_a_bar_says_how_the_class_did_and_its_parts_fill_it():
    page = of_class(report(resnet34(), submission("Ana Exemplo")))
    bar = re.search(
        r'<svg role="img" aria-label="right: 1, wrong: 1">.*?</svg>', page, flags=re.DOTALL
    )[0]
    assert [("passed", "0.0", "50.0"), ("failed", "50.0", "50.0")] == re.findall(
        r'<rect class="(\w+)" x="([\d.]+)%" width="([\d.]+)%"', bar
    )


def test_questions_that_a_person_reads_share_a_bar():
    assert "questions" in section(of_class(report(submission("Ana Exemplo"))), "Exercises")


def test_what_changed_since_the_run_before_is_said_with_both_points():
    now = submission("Ana Exemplo")
    before = submission("Ana Exemplo", exercise("gradient-step", "failed", 0.0))
    page = of_class(report(now), report(before))
    assert "Since the previous run Ana Exemplo 0 → 3 Um passo do gradiente descendente" == section(
        page, "Since the previous run"
    )


def test_a_student_who_was_not_there_before_is_new():
    page = of_class(
        report(submission("Ana Exemplo"), submission("Bia Exemplo")),
        report(submission("Ana Exemplo")),
    )
    assert "Since the previous run Bia Exemplo new → 10 (+2)/12" == section(
        page, "Since the previous run"
    )


def test_pairs_that_are_alike_are_named_with_how_alike_and_how_many_more_there_are():
    text = section(of_class(alike()), "Similar work, for a person to look at")
    assert (
        "Ana Exemplo , Caio Exemplo 87% of the shorter notebook's code · "
        "3 lines that few others have" in text
    )
    assert "5 more pairs" in text


def test_what_much_of_a_class_has_is_said_as_such():
    text = section(of_class(alike()), "Similar work, for a person to look at")
    assert ("3 of 3" in text, "z = 1" in text) == (True, True)


def test_what_a_person_has_seen_needs_nobody_any_more():
    seen = Reviewed(by="Bruno Exemplo", at="2026-01-01T00:00:00Z", credit=None)
    lost = not_graded("Olivia Exemplo", "unreadable", "unreadable.empty").model_copy(
        update={"review": seen}
    )
    result = typed_in()
    settled = result.model_copy(
        update={"exercises": tuple(e.model_copy(update={"review": seen}) for e in result.exercises)}
    )
    text = section(of_class(report(lost, settled)), "Needs a person")
    assert (False, False) == ("Olivia" in text, "Lucas" in text)


def test_what_changed_after_a_person_decided_needs_one_again():
    overtaken = Reviewed(by="Bruno Exemplo", at="2026-01-01T00:00:00Z", credit=1.0, changed=True)
    result = zeroed()
    first, *rest = result.exercises
    reviewed = result.model_copy(
        update={"exercises": (first.model_copy(update={"review": overtaken}), *rest)}
    )
    assert "Changed after a person had decided 1 Gabriela Exemplo" in section(
        of_class(report(reviewed)), "Needs a person"
    )


def test_nothing_is_said_of_changes_where_there_are_none():
    graded = report(zeroed())
    assert "Since the previous run" not in of_class(graded, graded)


def test_each_of_several_assignments_has_its_own_table():
    first = report(zeroed())
    other = first.assignments[0].model_copy(update={"name": "other", "title": "Outra"})
    theirs = submission("Bia Exemplo", assignment="other")
    both = first.model_copy(
        update={
            "assignments": (*first.assignments, other),
            "submissions": (*first.submissions, theirs),
        }
    )
    assert [TITLE, "Outra"] == re.findall(r"<h2>(.*?)</h2>", of_class(both))[:2]


def test_the_mean_of_one_of_several_assignments_is_that_of_the_summary():
    first = report(zeroed())
    other = first.assignments[0].model_copy(update={"name": "other", "title": "Outra"})
    nothing = submission("Bia Exemplo", status="unchanged", points=0.0)
    theirs = submission("Caio Exemplo", assignment="other")
    update = {
        "assignments": (*first.assignments, other),
        "submissions": (zeroed(), nothing, theirs),
    }
    both = first.model_copy(update=update)
    assert "2 submissions · mean 3.5 of 12" in text_of(of_class(both))


def test_what_could_not_be_assigned_stands_in_a_table_of_its_own_beside_several():
    first = report(zeroed())
    other = first.assignments[0].model_copy(update={"name": "other", "title": "Outra"})
    lost = not_graded("Olivia Exemplo", "unreadable", "unreadable.empty").model_copy(
        update={"assignment": ""}
    )
    both = first.model_copy(
        update={"assignments": (*first.assignments, other), "submissions": (zeroed(), lost)}
    )
    page = of_class(both)
    assert (True, "Olivia Exemplo") == ("No assignment" in page, row(page, "Olivia")[0])


def test_those_of_the_roster_without_a_file_are_listed():
    absent = report(zeroed()).model_copy(
        update={"absent": (Person(name="Zoé Exemplo", email="zoe@example.org"),)}
    )
    assert "Handed in nothing Zoé Exemplo zoe@example.org" in text_of(of_class(absent))


def test_lateness_is_shown():
    late = submission("Ana Exemplo", who=Who(name="Ana Exemplo", late=True))
    assert "Ana Exemplo late" == row(of_class(report(late)), "Ana")[0]


def test_what_ran_unsealed_is_said_above_everything():
    assert "Not sandboxed" in text_of(of_class(report(unsealed("Ana Exemplo"), sandbox="none")))


def test_a_column_is_sorted_by_the_share_and_what_is_not_decided_comes_last():
    page = of_class(report(endless(), zeroed(), submission("Ana Exemplo")))
    keys = [float(key) for key in re.findall(r'<td class="ex" data-key="([-\d.]+)"', page)]
    assert [-2.0, -2.0, 0.25, 1.0, 1.0, 1.0] == sorted(keys[2:4] + keys[6:8] + keys[10:12])


@pytest.mark.parametrize(
    ("language", "word"), [("pt", "Precisam de uma pessoa"), ("en", "Needs a person")]
)
def test_it_speaks_the_language_that_is_asked_for(language, word):
    page = of_class(report(typed_in()), language=language)
    assert (True, True) == (word in page, f'<html lang="{language}">' in page)


def test_notes_on_the_exercises_are_for_the_instructor_to_read():
    info = report(zeroed()).assignments[0]
    noted = info.model_copy(
        update={
            "exercises": (
                ExerciseInfo(id="e", title="E", points=1, automatic=True, note={"en": "Rises."}),
            )
        }
    )
    assert "e Rises." in text_of(
        of_class(report(zeroed()).model_copy(update={"assignments": (noted,)}))
    )
