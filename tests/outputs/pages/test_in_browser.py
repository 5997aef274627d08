"""What the pages do in Chromium: nothing that a student wrote, and what an instructor asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.outputs.pages.test_student_page import hostile_page
from tests.support.browser import browser  # noqa: F401 - a fixture
from tests.support.contrast import weak_texts
from tests.support.pages import HOSTILE, of_class
from tests.support.reports import (
    exercise,
    not_graded,
    report,
    resnet34,
    submission,
    typed_in,
    zeroed,
)

pytestmark = pytest.mark.browser

CLASS = report(
    zeroed(),
    resnet34().model_copy(update={"points": 6.0}),
    typed_in().model_copy(update={"points": 3.0}),
    submission("Érica Exemplo", exercise("gradient-step", "failed", 0.0), points=0.0),
    not_graded(HOSTILE, "unreadable", "unreadable.empty"),
)


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Any:  # noqa: F811
    """Opens a page; gives it, with what it asked the network for and what it complained of."""
    contexts = []

    def open_(html: str, **how: Any) -> Any:
        path = tmp_path / "page.html"
        path.write_text(html, "utf-8")
        context = browser.new_context(**how)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.complaints = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(path.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()


def names(page: Any) -> list[str]:
    """The first names in the rows that are shown, from the top."""
    return [row.inner_text().split()[0] for row in page.locator("tbody tr:visible td.name").all()]


@pytest.mark.parametrize("reader", ["instructor", "student"])
def test_no_script_that_a_student_wrote_runs_in_their_page(opened, reader):
    page = opened(hostile_page(reader))
    assert (True, [], 1) == (page.title().startswith("<script>"), page.complaints, len(page.asked))


def test_no_script_that_a_student_wrote_runs_in_the_page_of_the_class(opened):
    page = opened(of_class(CLASS))
    assert ("run" != page.title(), [], 1) == (True, page.complaints, len(page.asked))


def test_even_a_text_that_was_not_escaped_would_do_nothing(opened):
    page = opened(of_class(CLASS).replace("<h1>", f"<h1>{HOSTILE}", 1))
    page.wait_for_timeout(100)
    assert (True, True) == (
        page.title() != "run",
        any("Content Security Policy" in complaint for complaint in page.complaints),
    )


def test_a_click_on_a_heading_sorts_and_another_turns_it_round(opened):
    page = opened(of_class(CLASS))
    page.click("th:nth-child(2) button")
    down = names(page)
    page.click("th:nth-child(2) button")
    assert (["Gabriela", "João", "Lucas", "Érica"], down[::-1]) == (down[:4], names(page))
    assert "ascending" == page.locator("th:nth-child(2)").get_attribute("aria-sort")


def test_names_are_sorted_as_people_do(opened):
    page = opened(of_class(CLASS))
    page.click("th:nth-child(1) button")
    assert ["Érica", "Gabriela", "João", "Lucas"] == names(page)[1:]


def test_what_is_typed_filters_without_accents_or_case(opened):
    page = opened(of_class(CLASS))
    page.keyboard.press("/")
    page.keyboard.type("erica")
    assert (["Érica"], "1 / 5") == (names(page), page.inner_text("#shown"))
    page.keyboard.press("Escape")
    assert 5 == len(names(page))


def test_a_large_class_shows_some_rows_at_first_and_sorts_and_filters_all(opened):
    students = [submission(f"Number{number:03}", points=number / 100) for number in range(501)]
    page = opened(of_class(report(*students)))
    visible = page.locator("tbody tr:visible")
    assert 500 == visible.count()

    page.fill("input[type=search]", "number500")
    assert (1, "1 / 501") == (visible.count(), page.inner_text("#shown"))
    page.fill("input[type=search]", "")
    page.click("th:nth-child(2) button")
    assert "Number500" in visible.first.inner_text()

    page.click("button.more")
    assert (501, False) == (visible.count(), page.is_visible("button.more"))


def test_a_link_leads_to_a_row_that_is_not_shown_at_first(opened):
    students = [submission(f"Student {number:03}", id=f"s{number}") for number in range(502)]
    page = opened(of_class(report(*students)))
    page.goto(f"{page.url}#s-s501")
    page.reload()
    assert page.is_visible("#s-s501")


def test_without_scripts_all_rows_are_shown(opened):
    students = [submission(f"Student {number:03}") for number in range(501)]
    page = opened(of_class(report(*students)), java_script_enabled=False)
    assert 501 == page.locator("tbody tr:visible").count()


def test_a_mistake_filters_those_who_made_it(opened):
    page = opened(of_class(CLASS))
    page.click("button.filter")
    assert ["Gabriela"] == names(page)


def test_a_bar_of_the_distribution_filters_those_who_are_counted_in_it(opened):
    page = opened(of_class(CLASS))
    page.click("g[data-bin] >> nth=0")
    assert ["Érica"] == names(page)
    assert page.inner_text("#shown").startswith("1 / 5 · 0 to 10%")
    page.focus("g[data-bin] >> nth=0")
    page.keyboard.press("Enter")
    assert 5 == len(names(page))


def test_on_a_phone_a_row_is_a_card_with_its_headings(opened):
    page = opened(of_class(CLASS), viewport={"width": 390, "height": 800})
    row = page.locator("tbody tr").first
    name, points = row.locator("td.name").bounding_box(), row.locator("td.points").bounding_box()
    assert points["y"] > name["y"]
    page.fill("input[type=search]", "erica")
    assert ["Érica"] == names(page)


def test_a_heading_is_reached_and_pressed_with_the_keyboard(opened):
    page = opened(of_class(CLASS))
    page.focus("th:nth-child(1) button")
    page.keyboard.press("Enter")
    assert "ascending" == page.locator("th:nth-child(1)").get_attribute("aria-sort")


@pytest.mark.parametrize("reader", ["instructor", "student"])
def test_a_phone_does_not_scroll_sideways(opened, reader):
    page = opened(hostile_page(reader), viewport={"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_phone_scrolls_the_table_of_the_class_in_its_own_place(opened):
    page = opened(of_class(CLASS), viewport={"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_dark_is_dark(opened):
    shades = []
    for scheme in ("light", "dark"):
        page = opened(of_class(CLASS), color_scheme=scheme)
        shades.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert ["rgb(251, 250, 247)", "rgb(21, 23, 26)"] == shades


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(opened, scheme):
    weak = []
    for html in (of_class(CLASS), hostile_page("instructor"), hostile_page("student")):
        weak += weak_texts(opened(html, color_scheme=scheme))
    assert [] == weak


def test_a_pale_text_is_found(opened):
    page = opened('<body style="background: #fff"><p style="color: #999">pale</p><p>dark</p>')
    assert ["pale: 2.85"] == weak_texts(page)
