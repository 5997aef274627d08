"""The page in a browser: keys, groups, reasons and retries; and that nothing a student wrote runs."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.grading.reviews import Review, as_automatic
from grader.messages import texts
from grader.report import Report
from grader.review.server import SCRIPTS, STATIC, ReviewServer
from grader.review.service import WORDS, ReviewService
from grader.store.reviews import read_reviews, save_reviews
from tests.support.browser import browser, browser_page
from tests.support.reports import report, submission
from tests.support.reviewing import a_class, answered, review, reviews, settings, written

__all__ = ["browser", "browser_page"]

ANA, BRUNO, CARLA, LUCAS, OLIVIA = (one.id for one in a_class().submissions)


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
        return {one.item: one for one in read_reviews(self.folder).reviews if not one.withdrawn}

    def credit(self) -> dict[tuple[str, str], float | None]:
        return {item: one.credit for item, one in self.saved().items()}

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
    one = opened()
    one.press("1", "h", "Enter")
    one.page.click("#go-on")
    one.press("0", "5", "1")
    assert {
        (ANA, "question-1"): 1.0,
        (BRUNO, "question-1"): 1.0,
        (CARLA, "question-1"): 0.5,
        (LUCAS, "question-1"): 0.0,
        (BRUNO, "question-2"): 0.0,
        (ANA, "question-2"): 0.5,
        (CARLA, "question-2"): 1.0,
        (LUCAS, "question-2"): 1.0,
    } == one.credit()


HOSTILE = (
    "<script>document.title = 'run'</script><img src=x onerror=\"document.title = 'run'\">"
    "<svg onload=\"document.title = 'run'\"></svg><a href=\"javascript:document.title='run'\">a</a>"
)


def test_nothing_that_a_student_wrote_runs_or_becomes_markup(opened):
    whole = report(
        as_automatic(submission(HOSTILE, answered(1, HOSTILE), answered(2, "`" + HOSTILE)))
    )
    given = review(whole.submissions[0], "question-2", 1, by=HOSTILE[:90], comment=HOSTILE)
    one = opened(whole, given)
    one.press("n")
    assert HOSTILE in one.shown()
    one.open("question-1")
    one.page.fill("#search", "script")
    one.page.wait_for_selector("[data-submission]")
    assert ("Review", 0) == (
        one.page.title(),
        one.page.locator("main script, main img, main svg, nav img, main a").count(),
    )


def test_names_are_hidden_until_they_are_asked_for(opened):
    one = opened()
    before = one.page.inner_text("#entry")
    one.press("n")
    assert (False, True) == (
        "Ana Exemplo" in before,
        "Ana Exemplo, Bruno Exemplo" in one.page.inner_text("#entry"),
    )


def test_a_decision_is_undone_with_one_key(opened):
    one = opened()
    one.press("1")
    assert 2 == len(one.credit())
    one.press("u")
    assert {} == one.credit()
    assert "Porque guarda o gradiente." == one.shown()


def test_undoing_gives_back_what_the_person_had_decided_before(opened):
    carla = a_class().submissions[2]
    one = opened(None, review(carla, "question-1", 0.5, comment="Quase."))
    one.press("j")
    assert "São de tipos diferentes." == one.shown()
    one.press("1")
    assert {(CARLA, "question-1"): 1.0} == one.credit()
    one.press("u")
    assert {(CARLA, "question-1"): (0.5, "Quase.")} == {
        item: (each.credit, each.comment) for item, each in one.saved().items()
    }


def test_one_student_of_a_group_is_judged_apart(opened):
    one = opened()
    one.press("s")
    one.page.click(".apart button >> nth=1")
    one.press("0")
    one.press("ArrowLeft", "ArrowLeft", "ArrowLeft", "1")
    assert {ANA: 1.0, BRUNO: 0.0} == {item[0]: credit for item, credit in one.credit().items()}


def test_any_other_credit_is_given_in_points(opened):
    one = opened()
    one.page.fill("[type=number]", "0.25")
    one.press("Enter")
    assert {ANA: 0.25, BRUNO: 0.25} == {item[0]: credit for item, credit in one.credit().items()}


def test_a_comment_goes_with_the_credit_and_can_be_used_again(opened):
    one = opened()
    one.press("c")
    one.write("comment", "Falta o grafo.")
    one.press("1", "c", "1", "0")
    assert {"Falta o grafo."} == {each.comment for each in one.saved().values()}
    assert {ANA: 1.0, BRUNO: 1.0, CARLA: 0.0} == {
        item[0]: credit for item, credit in one.credit().items()
    }


def test_a_comment_that_is_written_later_is_saved_with_the_credit_that_was_given(opened):
    one = opened()
    one.press("1", "ArrowLeft", "c")
    one.write("comment", "Muito bem.")
    assert {("Muito bem.", 1.0)} == {(each.comment, each.credit) for each in one.saved().values()}


def test_an_override_asks_for_a_reason_and_is_saved_with_it(opened):
    one = opened()
    one.open("flag")
    one.press("1")
    assert (True, ()) == (
        one.page.locator("#needed").is_visible(),
        read_reviews(one.folder).reviews,
    )
    one.write("reason", "Conferido no caderno.")
    one.page.wait_for_selector('[data-queue="overrides"]')
    assert {(LUCAS, "gradient-step"): ("Conferido no caderno.", 1.0)} == {
        item: (each.reason, each.credit) for item, each in one.saved().items()
    }


def test_flags_are_settled_and_files_are_seen(opened):
    one = opened()
    one.open("flag")
    one.press("a")
    one.open("file")
    one.press("a")
    assert {(LUCAS, "gradient-step"): None, (OLIVIA, ""): None} == one.credit()


def test_any_student_and_exercise_is_found(opened):
    one = opened()
    one.page.fill("#search", "carla")
    one.page.click("[data-submission]")
    one.press("0")
    one.write("reason", "Feito por outra pessoa.")
    assert {(CARLA, "w-grad"): 0.0} == one.credit()


def test_a_disagreement_is_settled_by_who_sees_both(opened):
    (ana, *_) = a_class().submissions
    both = (
        review(ana, "question-1", 0, by="Bruno Exemplo"),
        review(ana, "question-1", 1, by="Carla Exemplo", at=2),
    )
    one = opened(None, *both)
    one.open("conflict")
    assert "Bruno Exemplo: 0 of 1 · Carla Exemplo: 1 of 1" in one.page.inner_text("#state")
    one.press("h")
    one.page.wait_for_selector('[data-queue="conflict"].all')
    assert [("Ana Exemplo", 0.5)] == [
        (each.by, each.credit) for each in read_reviews(one.folder).reviews if each.knowing
    ]


def test_a_save_that_fails_is_loud_and_tried_again(opened):
    one = opened()
    one.page.route(
        "**/decisions",
        lambda route: route.fulfill(status=500, body='{"problem": "The disk is full."}'),
    )
    one.press("1")
    one.page.wait_for_selector("#alarm:has-text('The disk is full.')")
    assert () == read_reviews(one.folder).reviews
    one.page.unroute("**/decisions")
    one.page.wait_for_selector("#alarm", state="hidden")
    assert 2 == len(one.credit())


def test_a_phone_has_no_need_to_scroll_sideways(opened):
    one = opened()
    one.page.set_viewport_size({"width": 360, "height": 740})
    for queue in ("question-0", "flag", "file"):
        one.open(queue)
        assert 360 == one.page.evaluate("document.documentElement.scrollWidth")


NAMED = """[...document.querySelectorAll('button, input, textarea')].map(
    (one) => [one.outerHTML, Boolean(one.innerText || one.ariaLabel || one.labels?.length)])"""


def test_every_button_and_field_has_a_name(opened):
    one = opened()
    for queue in ("question-0", "flag"):
        one.open(queue)
        named = one.page.evaluate(NAMED)
        assert ([], True) == ([row for row in named if not row[1]], len(named) > 10)


def test_the_page_speaks_the_language_asked_for(opened):
    one = opened(language="pt")
    assert ("pt", "Revisão") == (
        one.page.evaluate("document.documentElement.lang"),
        one.page.title(),
    )
    one.press("1")
    one.page.wait_for_selector("#saved:text-is('salvo')")


# Words


def test_the_page_asks_for_every_word_that_the_catalogue_has_for_it_and_no_other():
    source = "\n".join((STATIC / name).read_text("utf-8") for name in (*SCRIPTS, "index.html"))
    has = {key.removeprefix(WORDS) for key in texts("review-page-*", "en")}
    asked = set(re.findall(r'\bt\("([\w-]+)"', source)) | set(
        re.findall(r'data-word="([\w-]+)"', source)
    )
    assert (set(), set()) == (asked - has, {word for word in has if f'"{word}"' not in source})
