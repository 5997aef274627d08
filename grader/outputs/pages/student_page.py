"""Render the page of one student: points and reasons of each exercise, and the notebook as it ran.

The instructor's page shows the values that were found, flags, and why the run ended. The student's
own copy shows their lines and values, and no expected value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markupsafe import Markup

from grader.grading.points import total_of_submission
from grader.messages import number, word
from grader.outputs import wording
from grader.outputs.pages.document import document, with_code
from grader.outputs.pages.exercise_cards import ExerciseCards
from grader.outputs.pages.graph_drawing import Drawings
from grader.outputs.pages.notebook import ShownNotebook, show_notebook
from grader.outputs.pages.page_content import PageContent
from grader.outputs.safe_text import plain
from grader.outputs.story import wording as story_wording
from grader.report import Person


def student_page(content: PageContent, drawings: Drawings) -> str:
    """Render the page of one submission.

    Args:
        content: the content of the page, and its reader.
        drawings: draws graphs.
    """
    result = content.result
    notebook = _notebook(content)
    cards = ExerciseCards(content, notebook, drawings)
    is_unsealed = result.execution.sandbox == "none"

    return document(
        "student.html",
        content.language,
        title=_title(content),
        name=plain(result.student or result.file),
        assignment=plain(content.info.title) if content.info else "",
        chips=_plain_texts(_chips(content)),
        earned=_earned(content),
        facts=_facts(content),
        reason=_reason(content),
        cards=cards.cards(),
        notebook=notebook,
        notes=_plain_texts(dict.fromkeys(_notes(content))),
        problems=_plain_texts(_problems(content)),
        footer=_plain_texts(_footer(content)),
        unsealed=content.is_for_instructor and is_unsealed,
        neighbours=content.neighbours,
        similar=content.similar,
        key=content.key,
        marks=wording.MARKS,
    )


def _plain_texts(texts: Iterable[str]) -> list[str]:
    """Remove control characters from texts, and drop empty ones."""
    return [plain(text) for text in texts if text]


def _notebook(content: PageContent) -> ShownNotebook:
    run = content.run
    if run is None:
        return ShownNotebook()
    return show_notebook(run.story, content.language, content.reader, run.pictures())


# The head


def _title(content: PageContent) -> str:
    result = content.result
    if content.info is None:
        return plain(result.student)
    name = result.student or result.file
    return plain(f"{name} · {content.info.title}")


def _earned(content: PageContent) -> str:
    result = content.result
    if result.status not in wording.SCORED:
        return "–"
    return wording.points(result.points, content.language)


def _facts(content: PageContent) -> str:
    """Format the possible and the pending points, or why there are none."""
    result = content.result
    language = content.language
    if result.status not in wording.SCORED:
        return word(result.status, language)

    texts = [word("page-of-points", language, points=total_of_submission(result))]
    if result.pending_points:
        texts.append(word("pending-points", language, points=result.pending_points))
    return " · ".join(texts)


def _chips(content: PageContent) -> Iterator[str]:
    """Yield identifying details of the submission, for the instructor."""
    if not content.is_for_instructor:
        return

    who = content.result.who
    language = content.language
    yield content.result.file
    yield who.id
    yield who.email
    if who.group:
        yield word("group", language, name=who.group)
    yield _members(who.members)
    if who.late:
        yield word("late", language)
    yield who.attempt
    if who.in_roster is False:
        yield word("not-in-roster", language)


def _members(people: Iterable[Person]) -> str:
    names = [person.name or person.email or person.login for person in people]
    return ", ".join(name for name in names if name)


def _reason(content: PageContent) -> Markup | str:
    reason = content.result.reason
    if not reason:
        return ""
    text = wording.message_text(reason, content.language, content.reader)
    return with_code(text)


# Notes on the run


def _notes(content: PageContent) -> Iterator[str]:
    """Yield the reason why the run ended, flags on the whole notebook, and notes on the run."""
    result = content.result
    language = content.language
    reader = content.reader

    if result.execution.ended:
        yield wording.message_text(result.execution.ended, language, reader)
    if content.is_for_instructor and result.review:
        yield from wording.review_sentences(result.review, language)
    if content.is_for_instructor or not wording.is_reviewed(result.review):
        for flag in result.flags:
            yield wording.message_text(flag.message, language, reader)
    yield from wording.run_notes(result, language, reader)
    if content.is_for_instructor and content.run:
        yield from story_wording.story_notes(content.run.story, result, language)


def _problems(content: PageContent) -> Iterator[str]:
    for problem in content.result.execution.problems:
        if problem.error:
            yield wording.problem(problem, content.language)


def _footer(content: PageContent) -> Iterator[str]:
    run = content.result.execution
    language = content.language

    if run.cells:
        key = "page-ran-open" if run.sandbox == "none" else "page-ran"
        seconds = number(round(run.seconds, 1), language)
        yield word(key, language, seconds=seconds)
    if run.skipped:
        commands = wording.listed(run.skipped, language)
        yield word("skipped", language, commands=commands)
    if run.peak_mib and content.is_for_instructor:
        yield word("page-memory", language, mib=run.peak_mib)
    if run.cells:
        yield word("page-warnings", language)
