"""Puts what a page says into HTML.

SECURITY: a page holds what students wrote. Templates escape every text. A policy in each page allows no script and no
style but those that stand in it, by their hashes, nothing from the network, and pictures as data only: so a text that
were not escaped could still do nothing. Files have no server that could send the policy, hence the `meta` element; it
stands first (Content Security Policy Level 3, section 3.3).
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.messages import Language, word
from grader.outputs.safe_text import plain

FOLDER = Path(__file__).parent
PACKAGE = FOLDER.parents[1]
_CODE = re.compile("`([^`]+)`")


def document(
    template: str, language: Language, *, title: str, scripts: Sequence[str] = (), **said: Any
) -> str:
    """A page as HTML.

    Args:
        template: name of the template.
        language: language of the page.
        title: what the tab is called.
        scripts: names of the scripts in it.
        said: what the template shows. Text in it is escaped.
    """
    sources = [_source(name) for name in scripts]
    style = _source("page.css")
    return (
        _environment()
        .get_template(template)
        .render(
            language=language,
            title=title,
            policy=_policy([style], sources),
            style=Markup(style),
            scripts=[Markup(source) for source in sources],
            word=functools.partial(_word, language),
            **said,
        )
    )


def version() -> str:
    """A hash of all that makes the pages what they are, beside the report: another one, other pages.

    That is the whole package, since a page tells a story that much of it is made for, in the words of the catalogues.
    """
    files = sorted(
        path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".css", ".js", ".html", ".po")
    )
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]


def with_code(text: str) -> Markup:
    """A sentence in which what stands between backticks is code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(plain(text)))))


def in_lines(text: str) -> str:
    """A text of several lines, each of them without what could steer a page."""
    return "\n".join(plain_line(line) for line in text.expandtabs(4).splitlines())


def plain_line(line: str) -> str:
    """A line with its indentation, without controls and what turns the direction of writing."""
    return " " * (len(line) - len(line.lstrip(" "))) + plain(line)


def _policy(styles: Sequence[str], scripts: Sequence[str]) -> str:
    rules = ["default-src 'none'", "img-src data:", "base-uri 'none'", "form-action 'none'"]
    rules.append(f"style-src {_hashes(styles)}")
    if scripts:
        rules.append(f"script-src {_hashes(scripts)}")
    return "; ".join(rules)


def _hashes(sources: Sequence[str]) -> str:
    return " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'"
        for one in sources
    )


def _word(language: Language, key: str, **params: Any) -> str:
    return word(key, language, **params)


@functools.cache
def _source(name: str) -> str:
    """A file of ours that stands in the page as it is; no `</` in it may end its element."""
    return (FOLDER / name).read_text("utf-8")


@functools.cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
