"""What the instructor is shown of similar work, and that no student is shown any of it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from grader.messages import LANGUAGES
from grader.outputs import feedback
from grader.outputs.formats.csv import class_csv
from grader.outputs.formats.github import summary
from grader.outputs.formats.gradescope import results_json
from grader.outputs.formats.junit import junit_xml
from grader.outputs.terminal.similarity import MAX_PAIRS, similar_view
from grader.outputs.terminal.student import submission_view
from grader.outputs.terminal.tables import class_table
from grader.report import Report, Sameness, Shared, Similar, Where
from tests.batch.similarity.test_copies import everything
from tests.support.classes import ORIGINAL, ROOT, compare, handed_in, honest
from tests.support.reports import info, report, submission

ANA, BRUNO, CAIO = (submission(f"{name} Exemplo") for name in ("Ana", "Bruno", "Caio"))
SHORT = Shared(
    left=Where(cell=3, line=1, source="q = e * e"),
    right=Where(cell=5, line=2, source="r = f * f"),
    others=0,
)
ODD = Shared(
    left=Where(cell=3, line=2, source="p.data.copy_(p.data - change)"),
    right=Where(cell=5, line=4, source="v.data.copy_(v.data - passo)"),
    others=0,
)
KNOWN = Shared(
    left=Where(cell=4, line=1, source="a_longer_line_that_somebody_else_has = 1"),
    right=Where(cell=6),
    others=1,
)
PAIR = Similar(
    submissions=(ANA.id, BRUNO.id),
    share=0.98,
    shared=(SHORT, ODD, KNOWN),
    more=2,
    answers=("question-1",),
)
SHOWN = Sameness(
    submissions=(ANA.id, BRUNO.id, CAIO.id),
    compared=3,
    lines=(Where(cell=1, line=1, source="A = stack(x)"), Where(cell=1, line=9, source="print(A)")),
)
ANSWERED = SHOWN.model_copy(
    update={"exercises": ("question-1", "question-2"), "lines": SHOWN.lines[:1]}
)


def class_of(*pairs: Similar, sameness: tuple[Sameness, ...] = (), left_out: int = 0) -> Report:
    found = {"similar": pairs, "sameness": sameness, "similar_left_out": left_out}
    return report(ANA, BRUNO, CAIO).model_copy(update=found)


def shown(renderable: object, width: int = 100) -> str:
    out = io.StringIO()
    Console(file=out, width=width, markup=False, highlight=False).print(renderable)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


def below(found: Report, language: str = "en") -> list[str]:
    """The lines of the section of pairs."""
    text = shown(class_table(found, language))
    return text.partition("for a person to look at\n")[2].partition("\n\n")[0].split("\n")


def test_a_pair_stands_with_what_it_shares_and_the_most_telling_line_of_each():
    heading = (
        "Ana Exemplo · Bruno Exemplo  98% of the shorter notebook's code · "
        "5 lines that few others have · the same words in"
    )
    lines = [
        "    p.data.copy_(p.data - change)  cell 4, line 2",
        "    v.data.copy_(v.data - passo)  cell 6, line 4",
    ]
    assert (heading.split(), lines) == (
        " ".join(below(class_of(PAIR))[:2]).split()[:-1],
        below(class_of(PAIR))[2:],
    )


def test_a_class_without_pairs_has_no_section():
    assert "for a person to look at" not in shown(class_table(class_of(), "en"))


def test_more_pairs_than_a_screen_has_room_for_are_counted():
    assert (
        "and 7 more pairs, in the report"
        == below(class_of(*[PAIR] * (MAX_PAIRS + 3), left_out=4))[-1]
    )


def test_what_was_shown_in_class_is_one_sentence():
    text = " ".join(shown(class_table(class_of(sameness=(SHOWN,)), "en")).split())
    sentence = (
        "3 of 3 share 2 lines, perhaps shown in class, from `A = stack(x)` to `print(A)`: "
        "Ana Exemplo, Bruno Exemplo,"
    )
    assert sentence in text


def test_an_answer_that_many_give_is_said_with_its_questions():
    text = " ".join(shown(class_table(class_of(sameness=(ANSWERED,)), "pt")).split())
    sentence = (
        "3 de 3 respondem com as mesmas palavras a question-1, question-2 (“A = stack(x)”): "
        "Ana Exemplo, Bruno Exemplo,"
    )
    assert sentence in text


@pytest.mark.parametrize(
    ("one", "first", "other"),
    [(ANA, "[4] q = e * e", "[6] r = f * f"), (BRUNO, "[6] r = f * f", "[4] q = e * e")],
)
def test_of_one_student_the_own_lines_stand_first_and_the_others_beside_them(one, first, other):
    (row,) = [
        line
        for line in shown(similar_view(class_of(PAIR), one, "en")).split("\n")
        if "e * e" in line
    ]
    assert [first, other, "0"] == [part.strip() for part in row.split("  ") if part.strip()]


def test_of_one_student_the_lines_that_are_left_out_are_counted():
    assert "… 2 more" in shown(similar_view(class_of(PAIR), ANA, "en"))


def test_of_a_student_who_is_similar_to_nobody_nothing_is_said():
    assert "" == shown(similar_view(class_of(PAIR), CAIO, "en")).strip()


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_wider_than_the_terminal(width):
    found = class_of(PAIR, sameness=(SHOWN, ANSWERED))
    lines = [
        *shown(class_table(found, "pt"), width).split("\n"),
        *shown(similar_view(found, ANA, "pt"), width).split("\n"),
    ]
    assert [] == [line for line in lines if len(line) > width]


def test_what_a_student_wrote_steers_no_terminal():
    hostile = Where(cell=0, line=1, source="\x1b[2Jx = 1\u202e[bold]")
    pair = PAIR.model_copy(update={"shared": (ODD.model_copy(update={"left": hostile}),)})
    sameness = SHOWN.model_copy(update={"lines": (hostile,)})
    text = shown(class_table(class_of(pair, sameness=(sameness,)), "en")) + shown(
        similar_view(class_of(pair), ANA, "en")
    )
    assert (False, False, 4) == ("\x1b" in text, "\u202e" in text, text.count("x = 1[bold]"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_a_student_reads_or_a_gradebook_takes_says_anything_of_it(language):
    alone, alike = class_of(), class_of(PAIR, sameness=(SHOWN, ANSWERED))
    outputs = [
        (
            class_csv(one, language),
            junit_xml(one, language),
            summary(one, language),
            *(results_json(each, info(), language) for each in one.submissions),
            *(feedback.as_text(each, info(), language) for each in one.submissions),
            *(feedback.as_comment(each, language) for each in one.submissions),
            *(shown(submission_view(each, language, "student")) for each in one.submissions),
        )
        for one in (alone, alike)
    ]
    assert outputs[0] == outputs[1]


def test_the_example_in_the_docs_is_what_is_shown():
    class_ = {
        "ana-exemplo": handed_in(*ORIGINAL),
        **honest(28),
        "bruno-exemplo": handed_in(*everything(*ORIGINAL)),
    }
    found = {"similar": compare(class_).similar}
    shown_class = report(*(submission(name, id=name) for name in class_)).model_copy(update=found)
    assert "\n".join(below(shown_class)) in (ROOT / "docs/similar-work.md").read_text("utf-8")
