"""The page of one student: the instructor's, and the student's own copy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.notebook.cells import NotebookCell
from grader.outputs.pages.graph_drawing import Drawings
from grader.outputs.pages.links import PageLink
from grader.outputs.pages.page_content import Neighbours, PageContent, SubmissionRun
from grader.outputs.pages.similar_submissions import similar_submissions
from grader.outputs.pages.student_page import student_page
from grader.outputs.story.story import tell
from grader.report import CheckResult, Evidence, Execution, Flag, Message, Reviewed, Where, Who
from grader.submissions.submission import Submission
from grader.trace import Array, CellRun, Graph, Picture
from tests.support.pages import HOSTILE, alike, text_of
from tests.support.reports import (
    endless,
    exercise,
    not_graded,
    question,
    report,
    submission,
    typed_in,
    unsealed,
    zeroed,
)
from tests.support.traces import gradient, happens, prints, run, sets, shows, tensor, trace

INFO = report(submission("Ana Exemplo")).assignments[0]
CELL = """\
w = torch.ones(1, requires_grad=True)
J.backward()
# limpa
w.grad.zero_()
w.data -= lr * w.grad.data
print(J_new)"""
FOUND = Evidence(
    where=Where(cell=1, line=5, source="w.data -= lr * w.grad.data"), name="w", value="1"
)
STEP = (
    sets("w", tensor(1), line=1, cell=1),
    gradient("w", tensor(-28), line=2, cell=1),
    shows(tensor(0), line=4, cell=1),
    sets("w", tensor(1), line=5, cell=1),
    prints("14.0\n", line=6, cell=1),
)


def ran(*events, result, sources=("import torch", CELL), ended=(), handout=(), **fields):
    """How a notebook ran, of whose second cell events are left."""
    first = [CellRun(cell=0, status="ok")] if 0 not in {cell.cell for cell in ended} else []
    its_trace = trace(
        run(*events, ended=[*first, *ended]), sources=sources, handout=handout, **fields
    )
    kinds = tuple(NotebookCell(kind="code", source=source) for source in sources)
    handed_in = Submission("0a", "ana", "a.ipynb", Path("a.ipynb"), "00", kinds)
    return SubmissionRun(its_trace, tell(its_trace, handed_in, result))


def decided():
    (mistake,) = next(one for one in zeroed().exercises if one.id == "gradient-step").mistakes
    step = exercise("gradient-step", "partial", 0.5, found=FOUND, mistakes=(mistake,))
    return submission("Ana Exemplo").model_copy(update={"exercises": (step, question(1))})


def page(
    result, stored_run=None, *, reader="instructor", language="en", neighbours=None, similar=()
):
    content = PageContent(result, INFO, stored_run, language, reader, neighbours, tuple(similar))
    return student_page(content, Drawings())


def item(html, title):
    """The text of an exercise."""
    articles = re.findall(r"<article.*?</article>", html, flags=re.DOTALL)
    (article,) = [article for article in articles if f">{title}</h3>" in article]
    return text_of(f"<body>{article}</body>")


def row(html, source):
    """The text of a line's row."""
    rows = re.findall(r'<div class="row.*?\n  </div>', html, flags=re.DOTALL)
    (matching,) = [row_html for row_html in rows if f">{source}</code>" in row_html]
    return text_of(f"<body>{matching}</body>")


@pytest.mark.parametrize("reader", ["instructor", "student"])
def test_the_head_says_who_of_what_and_how_many_points(reader):
    text = text_of(page(zeroed(), reader=reader))
    assert f"Gabriela Exemplo {INFO.title}" in text
    assert "7 of 12 · 1 point pending review" in text


def test_the_instructor_reads_of_an_exercise_the_mistake_the_value_and_the_hint():
    text = item(page(zeroed()), "Um passo do gradiente descendente")
    assert ["◐", "1.5 / 3"] == [text[:1], re.search(r"[\d.]+ / 3", text)[0]]
    assert all(
        part in text
        for part in ("gradient zeroed before the step", "found: w = 1.0000042", "before its use")
    )


def test_the_student_reads_the_hint_and_their_line_and_no_value_that_was_found():
    text = item(page(zeroed(), reader="student"), "Um passo do gradiente descendente")
    assert "The gradient was zeroed before its use." in text
    assert "w.data = w.data - lr * w.grad.data under “Atividades” · cell 26, line 18" in text
    assert "1.0000042" not in text


def test_a_note_of_the_instructors_is_not_the_students():
    texts = [text_of(page(zeroed(), reader=reader)) for reader in ("instructor", "student")]
    assert [True, False] == ["45,36" in text for text in texts]


def test_a_flag_is_the_instructors():
    texts = [text_of(page(typed_in(), reader=reader)) for reader in ("instructor", "student")]
    assert [True, False] == ["found: w_new = 3.8" in text for text in texts]


def test_an_answer_stands_as_it_was_written():
    text = "Um grafo.\n\n  <b>Dois</b>"
    check = CheckResult(
        check="text",
        message=Message(id="text.answered", params={"words": 3}),
        found=Evidence(where=Where(cell=3), value=text),
    )
    one = submission("Ana Exemplo", question(1).model_copy(update={"checks": (check,)}))
    assert ">Um grafo.\n\n  &lt;b&gt;Dois&lt;/b&gt;</div>" in page(one)


def test_an_exercise_that_was_not_asked_for_is_not_there():
    one = submission("Ana Exemplo", exercise("w-grad", "not_asked", 0.0))
    assert "Gradiente de J" not in text_of(page(one))


def test_why_it_could_not_be_graded_is_said_to_each_in_their_words():
    one = not_graded("Olivia Exemplo", "unreadable", "unreadable.empty")
    instructor, student = (
        text_of(page(one, reader=reader)) for reader in ("instructor", "student")
    )
    assert (True, True, True) == (
        "– unreadable" in instructor,
        "– unreadable" in student,
        instructor != student,
    )


def test_what_ended_the_run_is_said_above_the_exercises():
    text = text_of(page(endless()))
    assert text.index("⚑") < text.index("Gradiente de J")


@pytest.mark.parametrize(("sandbox", "is_said"), [("bwrap", True), ("none", False)])
def test_that_it_ran_without_a_network_is_said_only_where_it_was_so(sandbox, is_said):
    execution = Execution(seconds=1.0, cells=3, sandbox=sandbox)
    text = text_of(page(submission("Ana Exemplo", execution=execution)))
    assert is_said == ("without a network" in text)


def test_only_the_instructor_is_told_that_it_was_not_sealed():
    texts = [
        text_of(page(unsealed("Ana Exemplo"), reader=reader))
        for reader in ("instructor", "student")
    ]
    assert [True, False] == ["Not sandboxed" in text for text in texts]


def test_only_the_instructor_sees_the_file_the_address_and_the_group():
    who = Who(name="Ana Exemplo", email="ana@example.org", group="Grupo 3", late=True)
    texts = [
        text_of(page(submission("Ana Exemplo", who=who), reader=reader))
        for reader in ("instructor", "student")
    ]
    assert [True, False] == ["ana@example.org group Grupo 3 late" in text for text in texts]


def reviewed():
    """A step with full credit by a person: a reason for the staff, a comment for the student."""
    judged = Reviewed(
        by="Bruno Exemplo",
        at="2026-01-01T00:00:00Z",
        credit=1.0,
        comment="Bem pensado.",
        reason="Conferido.",
        automatic_status="partial",
        automatic_credit=0.5,
    )
    one = zeroed()
    exercises = [
        e.model_copy(update={"review": judged, "status": "passed", "points": 3.0})
        if e.id == "gradient-step"
        else e
        for e in one.exercises
    ]
    return one.model_copy(update={"exercises": tuple(exercises)})


def test_what_a_person_decided_stands_in_place_of_what_the_grader_found():
    text = item(page(reviewed(), reader="student"), "Um passo do gradiente descendente")
    assert ("Bem pensado." in text, "before its use" in text) == (True, False)


def test_who_decided_and_why_is_for_the_staff():
    texts = [
        item(page(reviewed(), reader=reader), "Um passo do gradiente descendente")
        for reader in ("instructor", "student")
    ]
    assert [(True, True), (False, False)] == [
        ("Bruno Exemplo" in text, "Conferido." in text) for text in texts
    ]


# The notebook


def test_what_a_line_left_behind_stands_beside_it():
    result = decided()
    html = page(result, ran(*STEP, result=result))
    assert ["2 J.backward() w.grad = -28", "4 w.grad.zero_() → 0", "6 print(J_new) 14.0"] == [
        row(html, source) for source in ("J.backward()", "w.grad.zero_()", "print(J_new)")
    ]


def test_the_line_that_decided_is_marked_and_the_exercise_leads_to_it():
    result = decided()
    html = page(result, ran(*STEP, result=result))
    line = "◐ 5 w.data -= lr * w.grad.data w = 1"
    exercise_and_mistake = "◐ Um passo do gradiente descendente gradient zeroed before the step"
    assert f"{line} {exercise_and_mistake}" == row(html, "w.data -= lr * w.grad.data")
    assert ('<a href="#c2-5">' in html, 'id="c2-5"' in html) == (True, True)


def test_to_the_student_no_mistake_is_named_beside_their_line():
    result = decided()
    html = page(result, ran(*STEP, result=result), reader="student")
    assert row(html, "w.data -= lr * w.grad.data").endswith(
        "w = 1 ◐ Um passo do gradiente descendente"
    )


def test_the_passes_of_a_loop_are_told_apart():
    result = decided()
    events = [
        sets("w", tensor(n), line=1, cell=1, turn=turn)
        for n, turn in ((1, "1"), (2, "2"), (9, "last"))
    ]
    text = row(page(result, ran(*events, result=result)), "w = torch.ones(1, requires_grad=True)")
    assert "1st w = 1 2nd w = 2 last w = 9" in text


def test_many_tensors_are_counted_and_shown_on_request():
    changed = {f"net.{number}": tensor(1, 2) for number in range(4)}
    html = page(decided(), ran(happens("value", changed, line=2, cell=1), result=decided()))
    assert "<summary>4 tensors</summary>" in html
    assert "net.0 = [1, 2] · net.1 = [1, 2]" in row(html, "J.backward()")


def test_a_list_of_losses_has_a_small_curve():
    losses = Array(origin="list", shape=(9,), dtype="float64", elements=(9, 5, 4, 3, 3, 2, 2, 1, 1))
    html = page(decided(), ran(sets("losses", losses, line=2, cell=1), result=decided()))
    assert 1 == html.count('<polyline points="0.0,0.0 12.0,10.0 ')


def test_cells_that_say_nothing_are_folded():
    result = decided()
    html = page(result, ran(*STEP, result=result, handout=[0]))
    assert "[1] 1 cell from the handout, unchanged" in text_of(html)


def test_a_cell_that_did_not_end_well_says_how():
    result = decided()
    ended = [CellRun(cell=1, status="error", error="NameError", message="name 'z'")]
    assert "NameError: name 'z'" in text_of(page(result, ran(*STEP, result=result, ended=ended)))


@pytest.mark.parametrize(("reader", "is_advised"), [("instructor", False), ("student", True)])
def test_a_student_is_told_what_to_do_about_a_cell_that_was_ended(reader, is_advised):
    result = decided()
    ended = [CellRun(cell=1, status="timeout", seconds=30.0)]
    html = text_of(page(result, ran(*STEP, result=result, ended=ended), reader=reader))
    assert (True, is_advised) == (
        "Cell 2 was ended after 30 seconds" in html,
        "a loop that never ends" in html,
    )


def test_a_picture_stands_below_its_cell_as_data():
    result = decided()
    picture = Picture(cell=1, type="image/png", data="iVBORw0KGgo=")
    html = page(result, ran(*STEP, result=result, pictures=(picture,)))
    assert '<img src="data:image/png;base64,iVBORw0KGgo=" alt="Picture of cell 2">' in html


def test_the_graph_that_was_looked_at_is_counted():
    graph = Graph(labels=("MeanBackward1", "ReluBackward0"), edges=((0, 1),))
    where = Where(cell=1, line=1, source="make_dot(y)")
    check = CheckResult(
        check="graph",
        message=Message(id="graph.passed"),
        found=Evidence(where=where, name="g", value="graph(2)"),
    )
    drawn = exercise("resnet18-graph").model_copy(update={"checks": (check,)})
    result = submission("Ana Exemplo").model_copy(update={"exercises": (drawn,)})
    event = happens("graph", {"g": graph}, line=1, cell=1)
    text = item(page(result, ran(event, result=result)), "Grafo computacional da resnet18")
    assert "graph of 2 nodes 1 Mean, 1 Relu" in text


def hostile_page(reader):
    """A page on which everything that a student can write is hostile."""
    where = Where(cell=1, line=1, source=HOSTILE, heading=HOSTILE)
    flag = Flag(
        id="unverified", message=Message(id="flag.unverified"), evidence=(Evidence(where=where),)
    )
    found = Evidence(where=where, name=HOSTILE, value=HOSTILE)
    step = exercise("gradient-step", "failed", 0.0, found=found, flags=(flag,))
    execution = Execution(cells=2, skipped=(HOSTILE,), seconds=1.0)
    result = submission(HOSTILE, file=HOSTILE, execution=execution).model_copy(
        update={"exercises": (step,)}
    )
    events = (sets(HOSTILE, HOSTILE, line=1, cell=1), prints(HOSTILE, line=1, cell=1))
    ended = [CellRun(cell=1, status="error", error=HOSTILE, message=HOSTILE)]
    stored_run = ran(*events, result=result, sources=("import torch", HOSTILE), ended=ended)
    return page(result, stored_run, reader=reader)


@pytest.mark.parametrize("reader", ["instructor", "student"])
def test_everything_that_a_student_wrote_is_text(reader):
    html = hostile_page(reader)
    assert (True, []) == (
        HOSTILE in text_of(html),
        re.findall(r"<script|<img|\son\w+\s*=\s*[\"']", html),
    )


def test_the_instructors_page_leads_to_the_class_and_to_its_neighbours():
    near = Neighbours("../index.html", PageLink("a.html", "Ana Exemplo"))
    html = page(zeroed(), neighbours=near)
    assert ['href="../index.html"', 'href="a.html"'] == re.findall(r'href="[^#"]+"', html)


def test_the_students_copy_leads_nowhere():
    assert [] == re.findall(r'href="[^#"]+"', page(zeroed(), reader="student"))


@pytest.mark.parametrize(("name", "mine", "other"), [("Ana Exemplo", 2, 5), ("Caio Exemplo", 5, 2)])
def test_the_instructor_sees_what_two_share_side_by_side_from_either_side(name, mine, other):
    class_report = alike()
    (result,) = [s for s in class_report.submissions if s.student == name]
    (similar,) = similar_submissions(class_report, result, "en")
    (line,) = similar.lines
    assert (mine, other) == (line.mine.cell, line.other.cell)
    assert (1, 2) == (line.others, similar.more)
    text = text_of(page(result, similar=[similar]))
    assert f"[{mine}] {line.mine.source} [{other}] {line.other.source} 1 … 2 more" in text


def test_who_is_similar_to_nobody_has_nobody_beside_them():
    class_report = alike()
    assert [] == list(similar_submissions(class_report, class_report.submissions[1], "en"))
