"""What every page has: its policy, and nothing in it that was not escaped."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from grader.outputs.pages import document
from grader.outputs.pages.document import in_lines, version, with_code
from tests.support.pages import HOSTILE, of_class, text_of
from tests.support.reports import report, submission

PAGE = of_class(report(submission(HOSTILE)))
TEMPLATES = sorted((document.FOLDER / "templates").glob("*.html"))


def directive(page: str, name: str) -> str:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    return next(
        rule.strip().removeprefix(f"{name} ")
        for rule in policy.split(";")
        if rule.strip().startswith(name)
    )


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize(("element", "name"), [("style", "style-src"), ("script", "script-src")])
def test_only_the_style_and_the_script_of_the_page_are_allowed(element, name):
    (content,) = re.findall(rf"<{element}>(.*?)</{element}>", PAGE, flags=re.DOTALL)
    assert hashed(content) == directive(PAGE, name)


def test_nothing_comes_from_anywhere_else():
    rules = [
        directive(PAGE, name) for name in ("default-src", "img-src", "base-uri", "form-action")
    ]
    assert ["'none'", "data:", "'none'", "'none'"] == rules


def test_the_policy_stands_before_anything_that_it_is_for():
    assert PAGE.index("Content-Security-Policy") < min(PAGE.index("<title>"), PAGE.index("<style>"))


def test_what_a_student_wrote_is_text():
    assert (False, True) == (HOSTILE in PAGE, HOSTILE in text_of(PAGE))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_asks_for_no_inline_style_or_handler_and_no_unescaped_text(path):
    forbidden = re.findall(
        r"\bstyle=|\son\w+=|\|\s*safe\b|autoescape false|javascript:", path.read_text()
    )
    assert [] == forbidden


def test_code_between_backticks_is_code_and_nothing_else_is_markup():
    assert "at <code>w &lt; 1</code> &lt;b&gt;" == with_code("at `w < 1` <b>")


def test_a_text_keeps_its_lines_and_loses_what_could_steer_a_page():
    assert "  one\n    two" == in_lines("  one\u202e\n\ttwo\x1b[2J")


@pytest.mark.parametrize(
    "name", ["render/pages/page.css", "locale/pt/LC_MESSAGES/grader.po", "story.py"]
)
def test_the_version_is_that_of_all_that_a_page_is_made_of(monkeypatch, tmp_path, name):
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("a")
    monkeypatch.setattr(document, "PACKAGE", tmp_path)
    before = version()
    file.write_text("b")
    assert before != version()
