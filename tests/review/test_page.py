"""The page in a browser: keys, groups, reasons, retries; nothing that a student wrote runs."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.grading.reviews import Review, as_automatic
from grader.messages import texts
from grader.report import ExerciseResult, Report
from grader.review.server import SCRIPTS, STATIC, ReviewServer
from grader.review.service import WORDS, ReviewService
from grader.store.reviews import read_reviews, save_reviews
from tests.support.browser import browser, browser_page
from tests.support.contrast import weak_texts
from tests.support.reports import report, submission
from tests.support.reviewing import a_class, answered, review, reviews, settings, written

pytestmark = pytest.mark.browser

__all__ = ["browser", "browser_page"]

ANA, BRUNO, CARLA, LUCAS, OLIVIA = (graded.id for graded in a_class().submissions)


class Served:
    """The page of a class, opened in a browser, and the folder it saves to."""

    def __init__(self, page, folder: Path) -> None:
        self.page = page
        self.folder = folder

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, field: str, text: str) -> None:
        self.page.fill(f"#{field}", text)
        self.page.keyboard.press("Enter")

    def open(self, queue: str) -> None:
        self.page.click(f'[data-queue="{queue}"]')

    def saved(self) -> dict[tuple[str, str], Review]:
        self.page.wait_for_selector("#saved:not(.busy):not(:empty)")
        standing = [saved for saved in read_reviews(self.folder).reviews if not saved.withdrawn]
        return {saved.item: saved for saved in standing}

    def credit(self) -> dict[tuple[str, str], float | None]:
        return {item: saved.credit for item, saved in self.saved().items()}

    def shown(self) -> str:
        return self.page.inner_text("#entry .card")


Open = Callable[..., Served]


@pytest.fixture
def opened(browser_page, tmp_path: Path) -> Iterator[Open]:
    ends: list[Callable[[], None]] = []

    def open_(graded: Report | None = None, *given: Review, language: str = "en") -> Served:
        folder = written(tmp_path / "grades", graded)
        save_reviews(folder, reviews(*given))
        service = ReviewService(folder, "Ana Exemplo", settings(folder), language)
        server = ReviewServer(service)
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=lambda: loop.run_until_complete(server.serve()))
        thread.start()

        def end() -> None:
            loop.call_soon_threadsafe(server.leave)
            thread.join()
            loop.close()

        ends.append(end)
        browser_page.goto(server.gate.url)
        browser_page.wait_for_selector("#entry :is(.card, h2)")
        return Served(browser_page, folder)

    yield open_
    browser_page.goto("about:blank")
    for end in ends:
        end()


def test_two_questions_are_read_with_keys_alone(opened):
    opened_page = opened()
    opened_page.press("1", "1", "h", "Enter")
    opened_page.page.click("#go-on")
    opened_page.press("0", "5", "1", "1")
    assert {
        (ANA, "question-1"): 1.0,
        (BRUNO, "question-1"): 1.0,
        (CARLA, "question-1"): 0.5,
        (LUCAS, "question-1"): 0.0,
        (BRUNO, "question-2"): 0.0,
        (ANA, "question-2"): 0.5,
        (CARLA, "question-2"): 1.0,
        (LUCAS, "question-2"): 1.0,
    } == opened_page.credit()


def test_nothing_or_everything_for_a_group_is_asked_for_once_more(opened):
    opened_page = opened()
    opened_page.press("1")
    assert "1 of 1 for 2 students? Press again to confirm." == opened_page.page.inner_text("#sure")
    opened_page.press("0")
    assert "0 of 1 for 2 students? Press again to confirm." == opened_page.page.inner_text("#sure")
    assert () == read_reviews(opened_page.folder).reviews
    opened_page.press("0")
    assert {(ANA, "question-1"): 0.0, (BRUNO, "question-1"): 0.0} == opened_page.credit()


# Rubric items


def with_item(opened_page: Served, points: str, text: str) -> None:
    """Write a new item on the page."""
    opened_page.page.click("#rubric > .plain")
    opened_page.page.fill("#rubric [type=number]", points)
    opened_page.page.fill("#rubric [type=text]", text)
    opened_page.press("Enter")
    opened_page.page.wait_for_selector(f"#rubric button:has-text('{text}')")


def test_items_are_written_once_and_given_with_digits(opened):
    opened_page = opened()
    with_item(opened_page, "0.5", "Names the sum.")
    with_item(opened_page, "0.25", "Says why.")
    opened_page.press("1", "2", "Enter", "2")
    saved = opened_page.saved()
    credits = {submission: review_.credit for (submission, _), review_ in saved.items()}
    assert {ANA: 0.75, BRUNO: 0.75, CARLA: 0.25} == credits
    assert ["Says why."] == [line.text for line in saved[CARLA, "question-1"].items]


def test_a_digit_takes_an_item_away_again(opened):
    opened_page = opened()
    with_item(opened_page, "0.5", "Names the sum.")
    opened_page.press("1")
    assert 2 == len(opened_page.saved())
    opened_page.press("1")
    assert {} == opened_page.saved()


def test_a_changed_item_counts_for_everyone_who_has_it(opened):
    opened_page = opened()
    with_item(opened_page, "0.5", "Names the sum.")
    opened_page.press("1")
    opened_page.saved()
    opened_page.page.click("#rubric .item .plain")
    opened_page.page.fill("#rubric [type=number]", "1")
    opened_page.press("Enter")
    opened_page.page.wait_for_selector("#rubric button:has-text('+1')")
    assert {(ANA, "question-1"): 1.0, (BRUNO, "question-1"): 1.0} == opened_page.credit()
    assert "1 of 1" in opened_page.page.inner_text("#state")


def test_a_comment_beside_items_leaves_them_as_they_are(opened):
    opened_page = opened()
    with_item(opened_page, "0.5", "Names the sum.")
    opened_page.press("1", "c")
    opened_page.write("comment", "Muito bem.")
    opened_page.page.wait_for_function("document.activeElement.id !== 'comment'")
    saved = opened_page.saved()[ANA, "question-1"]
    assert ("Muito bem.", 0.5, 1) == (saved.comment, saved.credit, len(saved.items))


HOSTILE = (
    "<script>document.title = 'run'</script><img src=x onerror=\"document.title = 'run'\">"
    "<svg onload=\"document.title = 'run'\"></svg><a href=\"javascript:document.title='run'\">a</a>"
)


def test_nothing_that_a_student_wrote_runs_or_becomes_markup(opened):
    whole = report(
        as_automatic(submission(HOSTILE, answered(1, HOSTILE), answered(2, "`" + HOSTILE)))
    )
    given = review(whole.submissions[0], "question-2", 1, by=HOSTILE[:90], comment=HOSTILE)
    opened_page = opened(whole, given)
    opened_page.press("n")
    assert HOSTILE in opened_page.shown()
    opened_page.open("question-1")
    opened_page.page.fill("#search", "script")
    opened_page.page.wait_for_selector("[data-submission]")
    assert ("Review", 0) == (
        opened_page.page.title(),
        opened_page.page.locator("main script, main img, main svg, nav img, main a").count(),
    )


PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg=="
)


def drawn(number: int) -> ExerciseResult:
    """A section that a person looks at, with code of the student's."""
    written_down = answered(number, "plt.imshow(digit)")
    (check,) = written_down.checks
    looked_at = check.model_copy(update={"check": "manual"})
    return written_down.model_copy(update={"checks": (looked_at,)})


def test_the_pictures_of_a_section_stand_beside_its_code(opened, browser_page):
    cell = {"heading": "", "lines": [], "ended": "", "decided": [], "pictures": [PICTURE]}
    cells = [
        {**cell, "cell": 3, "sections": ["question-1"]},
        {**cell, "cell": 8, "sections": ["another"]},
    ]
    browser_page.route("**/lines*", lambda route: route.fulfill(json={"cells": cells}))
    opened_page = opened(
        report(as_automatic(submission("Ana Exemplo", drawn(1), answered(2, "É."))))
    )
    pictures = opened_page.page.locator("#context img")
    pictures.first.wait_for()
    widths = [picture.evaluate("img => img.naturalWidth") for picture in pictures.all()]
    assert [1] == widths
    assert "what cell 3 drew" == pictures.get_attribute("alt")


def test_names_are_hidden_until_they_are_asked_for(opened):
    opened_page = opened()
    before = opened_page.page.inner_text("#entry")
    opened_page.press("n")
    assert (False, True) == (
        "Ana Exemplo" in before,
        "Ana Exemplo, Bruno Exemplo" in opened_page.page.inner_text("#entry"),
    )


def test_buttons_say_the_points_that_they_give(opened):
    page = opened().page
    worth = page.inner_text(".worth")
    labels = [button.inner_text() for button in page.locator("#credits > button:not(.word)").all()]
    assert (["0", "0.5", "1"], True) == (labels, "1" in worth)


def test_a_decision_is_undone_with_one_key(opened):
    opened_page = opened()
    opened_page.press("h")
    assert 2 == len(opened_page.credit())
    opened_page.press("u")
    assert {} == opened_page.credit()
    assert "Porque guarda o gradiente." == opened_page.shown()


def test_undoing_gives_back_what_the_person_had_decided_before(opened):
    carla = a_class().submissions[2]
    opened_page = opened(None, review(carla, "question-1", 0.5, comment="Quase."))
    opened_page.press("j")
    assert "São de tipos diferentes." == opened_page.shown()
    opened_page.press("1")
    assert {(CARLA, "question-1"): 1.0} == opened_page.credit()
    opened_page.press("u")
    assert {(CARLA, "question-1"): (0.5, "Quase.")} == {
        item: (review_.credit, review_.comment) for item, review_ in opened_page.saved().items()
    }


def test_one_student_of_a_group_is_judged_apart(opened):
    opened_page = opened()
    opened_page.press("s")
    opened_page.page.click(".apart button >> nth=1")
    opened_page.press("0")
    opened_page.press("ArrowLeft", "ArrowLeft", "ArrowLeft", "1")
    assert {ANA: 1.0, BRUNO: 0.0} == {
        item[0]: credit for item, credit in opened_page.credit().items()
    }


def test_any_other_credit_is_given_in_points(opened):
    opened_page = opened()
    opened_page.page.fill("[type=number]", "0.25")
    opened_page.press("Enter")
    assert {ANA: 0.25, BRUNO: 0.25} == {
        item[0]: credit for item, credit in opened_page.credit().items()
    }


def test_a_comment_goes_with_the_credit_and_can_be_used_again(opened):
    opened_page = opened()
    opened_page.press("c")
    opened_page.write("comment", "Falta o grafo.")
    opened_page.press("1", "1", "c", "1", "0")
    assert {"Falta o grafo."} == {review_.comment for review_ in opened_page.saved().values()}
    assert {ANA: 1.0, BRUNO: 1.0, CARLA: 0.0} == {
        item[0]: credit for item, credit in opened_page.credit().items()
    }


def test_a_comment_that_is_written_later_is_saved_with_the_credit_that_was_given(opened):
    opened_page = opened()
    opened_page.press("1", "1", "ArrowLeft", "c")
    opened_page.write("comment", "Muito bem.")
    assert {("Muito bem.", 1.0)} == {
        (review_.comment, review_.credit) for review_ in opened_page.saved().values()
    }


def test_an_override_asks_for_a_reason_and_is_saved_with_it(opened):
    opened_page = opened()
    opened_page.open("flag")
    opened_page.press("1")
    assert (True, ()) == (
        opened_page.page.locator("#needed").is_visible(),
        read_reviews(opened_page.folder).reviews,
    )
    opened_page.write("reason", "Conferido no caderno.")
    opened_page.page.wait_for_selector('[data-queue="overrides"]')
    assert {(LUCAS, "gradient-step"): ("Conferido no caderno.", 1.0)} == {
        item: (review_.reason, review_.credit) for item, review_ in opened_page.saved().items()
    }


def test_flags_are_settled_and_files_are_seen(opened):
    opened_page = opened()
    opened_page.open("flag")
    opened_page.press("a")
    opened_page.open("file")
    opened_page.press("a")
    assert {(LUCAS, "gradient-step"): None, (OLIVIA, ""): None} == opened_page.credit()


def test_any_student_and_exercise_is_found(opened):
    opened_page = opened()
    opened_page.page.fill("#search", "carla")
    opened_page.page.click("[data-submission]")
    opened_page.press("0")
    opened_page.write("reason", "Feito por outra pessoa.")
    assert {(CARLA, "w-grad"): 0.0} == opened_page.credit()


def test_a_disagreement_is_settled_by_who_sees_both(opened):
    (ana, *_) = a_class().submissions
    both = (
        review(ana, "question-1", 0, by="Bruno Exemplo"),
        review(ana, "question-1", 1, by="Carla Exemplo", at=2),
    )
    opened_page = opened(None, *both)
    opened_page.open("conflict")
    assert "Bruno Exemplo: 0 of 1 · Carla Exemplo: 1 of 1" in opened_page.page.inner_text("#state")
    opened_page.press("h")
    opened_page.page.wait_for_selector('[data-queue="conflict"].all')
    assert [("Ana Exemplo", 0.5)] == [
        (review_.by, review_.credit)
        for review_ in read_reviews(opened_page.folder).reviews
        if review_.knowing
    ]


def test_a_save_that_fails_is_loud_and_tried_again(opened):
    opened_page = opened()
    opened_page.page.route(
        "**/decisions",
        lambda route: route.fulfill(status=500, body='{"problem": "The disk is full."}'),
    )
    opened_page.press("h")
    opened_page.page.wait_for_selector("#alarm:has-text('The disk is full.')")
    assert () == read_reviews(opened_page.folder).reviews
    opened_page.page.unroute("**/decisions")
    opened_page.page.wait_for_selector("#alarm", state="hidden")
    assert 2 == len(opened_page.credit())


def test_a_phone_has_no_need_to_scroll_sideways(opened):
    opened_page = opened()
    opened_page.page.set_viewport_size({"width": 360, "height": 740})
    for queue in ("question-0", "flag", "file"):
        opened_page.open(queue)
        assert 360 == opened_page.page.evaluate("document.documentElement.scrollWidth")


NAMED = """[...document.querySelectorAll('button, input, textarea')].map(
    (one) => [one.outerHTML, Boolean(one.innerText || one.ariaLabel || one.labels?.length)])"""


def test_every_button_and_field_has_a_name(opened):
    opened_page = opened()
    for queue in ("question-0", "flag"):
        opened_page.open(queue)
        named = opened_page.page.evaluate(NAMED)
        assert ([], True) == ([row for row in named if not row[1]], len(named) > 10)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(opened, scheme):
    opened_page = opened()
    opened_page.page.emulate_media(color_scheme=scheme)
    weak = []
    for queue in ("question-0", "flag", "file"):
        opened_page.open(queue)
        weak += weak_texts(opened_page.page)
    assert [] == weak


def test_the_page_speaks_the_language_asked_for(opened):
    opened_page = opened(language="pt")
    assert ("pt", "Revisão") == (
        opened_page.page.evaluate("document.documentElement.lang"),
        opened_page.page.title(),
    )
    opened_page.press("h")
    opened_page.page.wait_for_selector("#saved:text-is('salvo')")


# Words


def test_the_page_asks_for_every_word_that_the_catalogue_has_for_it_and_no_other():
    source = "\n".join((STATIC / name).read_text("utf-8") for name in (*SCRIPTS, "index.html"))
    has = {key.removeprefix(WORDS) for key in texts("review-page-*", "en")}
    asked = set(re.findall(r'\bt\("([\w-]+)"', source)) | set(
        re.findall(r'data-word="([\w-]+)"', source)
    )
    assert (set(), set()) == (asked - has, {word for word in has if f'"{word}"' not in source})
