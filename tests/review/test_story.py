"""A student's lines with what they left behind, as plain data for the page."""

from __future__ import annotations

from grader.outputs.story.lines import CodeLine, Effect
from grader.outputs.story.story import CellStory, Folded, Story, StoryDecision, StoryLine
from grader.report import Evidence, Where
from grader.review.story import cells_of
from grader.trace import CellRun, Number
from tests.support.reports import exercise

DECISION = StoryDecision(exercise("gradient-step"), Evidence(where=Where(cell=2, line=1)))


def cell(*lines: StoryLine, **more: object) -> CellStory:
    given = {"run": CellRun(cell=2, status="ok"), **more}
    return CellStory(cell=2, heading="Atividades", handout=False, lines=lines, **given)


PICTURE = "data:image/png;base64,AAAA"


def only(part: CellStory) -> dict:
    story = Story((Folded((0, 1), "handout"), part))
    sections = {"boundary": (2, 3), "change": (4,)}
    (cell_data,) = cells_of(story, "pt", {2: [PICTURE], 3: ["data:other"]}, sections)
    return cell_data


def test_a_cell_has_its_pictures_and_the_sections_that_a_person_looks_at():
    cell_data = only(cell())
    assert ([PICTURE], ["boundary"]) == (cell_data["pictures"], cell_data["sections"])


def test_the_pictures_of_a_cell_that_ran_again_stand_below():
    assert [] == only(cell(again_below=True))["pictures"]


def test_a_line_has_its_values_and_what_it_decided():
    left = (
        Effect("value", (("w", Number(value=3.8)),)),
        Effect("printed", text="3.8\nfim", turns=("1", "2")),
    )
    cell_data = only(
        cell(StoryLine(CodeLine(4, "    w = w - lr * w.grad", effects=left), (DECISION,)))
    )
    assert {
        "number": 4,
        "source": "    w = w - lr * w.grad",
        "left": ["w = 3.8", "1ª, 2ª » 3.8", "1ª, 2ª » fim"],
        "decided": ["gradient-step"],
    } == cell_data["lines"][0]


def test_a_cell_says_where_it_stands_and_how_it_ended():
    cell_data = only(
        cell(run=CellRun(cell=2, status="error", error="NameError", message="name 'z'"))
    )
    assert (3, "Atividades", "NameError: name 'z'") == (
        cell_data["cell"],
        cell_data["heading"],
        cell_data["ended"],
    )


def test_what_a_student_wrote_has_no_controls():
    cell_data = only(
        cell(
            StoryLine(
                CodeLine(1, "x = '\x1b[2J\u202e'", effects=(Effect("printed", text="\x1b[2Jolá"),))
            )
        )
    )
    assert ("x = ''", ["» olá"]) == (cell_data["lines"][0]["source"], cell_data["lines"][0]["left"])
