"""Render the content of a page as HTML.

SECURITY: pages contain text of students. Templates escape every text. In addition, a policy in each
page allows only its own scripts and styles, by their hashes, nothing from the network, and pictures
as data only: so even text that was not escaped could do nothing. Files have no server to send the
policy, hence the `meta` element; it comes first (Content Security Policy Level 3, section 3.3).
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.messages import Language, word
from grader.outputs.safe_text import plain

FOLDER = Path(__file__).parent
PACKAGE = FOLDER.parents[1]
SOURCES = (".py", ".css", ".js", ".html", ".po")
"""Endings of the files that decide how pages look."""

PART_SIZE = 1_000
"""Texts of a template that are written together."""

_CODE = re.compile("`([^`]+)`")


def document(
    template: str,
    language: Language,
    *,
    title: str,
    scripts: Sequence[str] = (),
    **content: Any,
) -> str:
    """Render a page as HTML, as `document_parts` does, as one text."""
    parts = document_parts(template, language, title=title, scripts=scripts, **content)
    return "".join(parts)


def document_parts(
    template: str,
    language: Language,
    *,
    title: str,
    scripts: Sequence[str] = (),
    **content: Any,
) -> Iterator[str]:
    """Render a page as HTML, in parts.

    Args:
        template: name of the template.
        language: language of the page.
        title: title of the browser tab.
        scripts: names of the scripts to put into it.
        content: the variables of the template. Text in them is escaped; an iterator among them is
            read as the page is written.
    """
    style = _asset("page.css")
    sources = [_asset(name) for name in scripts]
    page = _environment().get_template(template)
    parts = page.stream(
        language=language,
        title=title,
        policy=_policy(style, sources),
        style=Markup(style),
        scripts=[Markup(source) for source in sources],
        word=functools.partial(_word, language),
        **content,
    )
    parts.enable_buffering(PART_SIZE)
    return parts


def version() -> str:
    """Hash everything that determines how a report becomes pages.

    That is the whole package: much of it creates the story on a page, with the texts of the
    catalogues.
    """
    paths = [path for path in PACKAGE.rglob("*") if path.suffix in SOURCES]
    contents = b"\0".join(path.read_bytes() for path in sorted(paths))
    return hashlib.sha256(contents).hexdigest()[:16]


def with_code(text: str) -> Markup:
    """Format text between backticks in a sentence as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(plain(text)))))


def in_lines(text: str) -> str:
    """Remove control characters from a text, but keep its lines and indentation."""
    lines = text.expandtabs(4).splitlines()
    return "\n".join(plain_line(line) for line in lines)


def plain_line(line: str) -> str:
    """Remove control and bidi characters from a line, but keep its indentation."""
    indentation = len(line) - len(line.lstrip(" "))
    return " " * indentation + plain(line)


def _policy(style: str, scripts: Sequence[str]) -> str:
    rules = [
        "default-src 'none'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        f"style-src {_hash(style)}",
    ]
    if scripts:
        hashes = " ".join(_hash(script) for script in scripts)
        rules.append(f"script-src {hashes}")
    return "; ".join(rules)


def _hash(source: str) -> str:
    digest = hashlib.sha256(source.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _word(language: Language, key: str, **params: Any) -> str:
    return word(key, language, **params)


@functools.cache
def _asset(name: str) -> str:
    """Read a file that is included verbatim; no `</` in it may end its element."""
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
