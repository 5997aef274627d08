"""Read the headings, titles and questions in the text cells of a notebook. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.authoring.drafting.names import says_points, strip_points
from grader.authoring.drafting.readers.asking_words import (
    asks_with_verb,
    is_exercise,
    opens_exercise,
    says_what_to_code,
)
from grader.authoring.drafting.solved import SolvedCell
from grader.notebook.headings import FENCE

_STOPS = (".", ":", "?", "!")
MAX_TITLE = 80
"""Most characters of a sentence that becomes a title."""
QUESTION_MARKS = ("?", "？", "؟", ";")
"""Ends of questions; the last one is Greek, which no sentence of another language ends in."""
MAX_TITLE_LINES = 3
"""Most lines of a sentence that a title is taken from."""
BOLD_LEVEL = 7
"""Level of a line in bold, which is below that of any heading."""

_SOLUTION = re.compile(
    r"^\W*(solu(ção|cao|ções|tions?)|soluci(ón|on|ones)|resolução|resolucao|resolución"
    r"|respostas?|respuestas?|answers?|gabarito|corrigé|réponses?|lösung(en)?|soluzion[ei]|答案|解答)"
    r"(\s+\S+)?\W*$",
    re.IGNORECASE,
)
HEADING_LINE = re.compile(
    r"^ {0,3}(?:(?P<marks>#{1,6})\s*(?P<text>\S.*)"
    r"|(?:<[a-z][^>]*>\s*)*?<h(?P<level>[1-6])\b[^>]*>(?P<html>.*))$",
    re.IGNORECASE,
)
"""A heading in markdown, or in HTML."""
_BOLD = re.compile(r"^\s*(\*\*|__)(?P<text>[^*_].*?)\1[\s:.]*$")
ITEM = re.compile(
    r"^\s*(?:[-+]\s+)?(?:[*_]{0,2})(\d{1,2}|[a-h])[*_]{0,2}\s*[.)](?=[\s*_])[*_]{0,2}"
)
_BULLET = re.compile(r"^\s*[-+*•]\s")
_LABEL = re.compile(
    r"^\W*(exercise|exerc[ií]cio|exercice|ejercicio|task|question|quest[aã]o|todo|aufgabe"
    r"|try it yourself|try it out|try it|your turn|sua vez|practice)\W*[:.!](?=\W)\W*",
    re.IGNORECASE,
)
"""Label that makes a sentence an exercise, without a number."""
_SENTENCE_END = re.compile(
    r"(?<=[.?!:])(?<!\b[ie]\.[eg]\.)(?<!\bz\.B\.)(?<!\bd\.h\.)(?<!\bp\.ex\.)\s|(?<=[。？！：؟])"
)
_DIRECTIVE = re.compile(r"^ {0,3}(?:`{3,}|:{3,})\{(?P<name>[a-z-]+)\}\s*(?P<text>.*)$")
"""The first line of a block of a Jupyter Book."""
_DIV = re.compile(r"^ {0,3}:{3,}\s*\{(?P<attributes>[^{}]*)\}\s*$")
"""The first line of a block of Quarto."""
_DIV_TITLE = re.compile(r"\btitle=\"(?P<title>[^\"]*)\"")
DIRECTIVE_LINE = re.compile(r"^\s*(?:[`:]{3,}.*|:[a-z-]+:.*)$")
"""A line that begins, describes or ends such a block."""
BADGE_LINE = re.compile(r"^\s*(?:\[!\[[^\]]*\]\([^)]*\)\s*\]\([^)]*\)\s*)+$")
"""A line with nothing but pictures that are links, such as "Open in Colab"."""
_TITLED_DIRECTIVES = ("admonition", "dropdown", "toggle")
"""Names of blocks with a title that tells their kind."""
_LINK = re.compile(r"!?\[([^\]]*)\]\([^()]*(?:\([^()]*\))?[^()]*\)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->")
_EMPHASIS = re.compile(r"[`$]|(?<!\w)[*_]+|[*_]+(?!\w)")
_RULE = re.compile(r"^\W*$")
"""A line without words, such as a rule."""


@dataclass(frozen=True)
class Heading:
    """A heading of a text cell."""

    level: int
    text: str

    @property
    def is_exercise(self) -> bool:
        """Whether it names an exercise, or its points."""
        return is_exercise(self.text) or says_points(self.text)

    @property
    def is_solution(self) -> bool:
        """Whether it is "Solution" or the like."""
        return bool(_SOLUTION.match(self.text))


def headings_in(cell: SolvedCell) -> list[Heading]:
    """Find the headings of a text cell.

    A line in bold that speaks of an exercise is one, too.
    """
    if cell.kind != "markdown":
        return []
    is_fenced = False
    headings = []
    for line in cell.text_lines:
        heading = _read_directive(line)
        if FENCE.match(line):
            is_fenced = not is_fenced
        if heading is None and not is_fenced:
            heading = _read_heading(line)
        if heading is not None and heading.text:
            headings.append(heading)
    return headings


def _read_heading(line: str) -> Heading | None:
    match = HEADING_LINE.match(line)
    if match and match["marks"]:
        level = len(match["marks"])
        return Heading(level, clean(match["text"]))
    if match:
        level = int(match["level"])
        return Heading(level, clean(match["html"]))
    match = _BOLD.match(line)
    if match and is_exercise(match["text"]):
        return Heading(BOLD_LEVEL, clean(match["text"]))
    return None


def _read_directive(line: str) -> Heading | None:
    """Read the beginning of an exercise, or of a solution, of a Jupyter Book or of Quarto."""
    match = _DIRECTIVE.match(line)
    if match is None:
        return _read_div(line)
    name = match["name"]
    text = clean(match["text"])
    heading = Heading(BOLD_LEVEL, text)
    if name in ("exercise", "exercise-start"):
        titled = f"Exercise: {text}"
        return Heading(BOLD_LEVEL, titled.rstrip(": "))
    if name.startswith("solution"):
        return Heading(BOLD_LEVEL, "Solution")
    says_what = is_exercise(text) or heading.is_solution
    if name in _TITLED_DIRECTIVES and says_what:
        return heading
    return None


def _read_div(line: str) -> Heading | None:
    """Read the beginning of a block of Quarto, as `::: {#exr-loss title="The loss"}`."""
    div = _DIV.match(line)
    if div is None:
        return None
    attributes = div["attributes"]
    match = _DIV_TITLE.search(attributes)
    title = clean(match["title"]) if match else ""
    if attributes.startswith("#exr-"):
        titled = f"Exercise: {title}"
        return Heading(BOLD_LEVEL, titled.rstrip(": "))
    if attributes.startswith("#sol-"):
        return Heading(BOLD_LEVEL, "Solution")
    heading = Heading(BOLD_LEVEL, title)
    return heading if is_exercise(title) or heading.is_solution else None


def is_directive(source: str, name: str = "") -> bool:
    """Return whether a text begins with a block of a Jupyter Book, such as `solution-end`."""
    first_line, _, _ = source.partition("\n")
    match = _DIRECTIVE.match(first_line)
    return match is not None and match["name"].startswith(name)


def heading_of(cell: SolvedCell) -> Heading | None:
    """Find the last heading of a text cell, but for "Solution" and the like."""
    for heading in reversed(headings_in(cell)):
        if not heading.is_solution:
            return heading
    return None


def without_sums(cells: Sequence[SolvedCell]) -> list[SolvedCell]:
    """Strip the headings of parts of their points: they are the sum of those of its exercises."""
    below: list[Heading] = []
    stripped: list[SolvedCell] = []
    for cell in reversed(cells):
        without = cell
        below[:0] = _pointed_items(cell)
        for heading in reversed(headings_in(cell)):
            if says_points(heading.text) and _is_divided(heading, below):
                without = _without_points(without, heading)
            below.insert(0, heading)
        stripped.insert(0, without)
    return stripped


def _pointed_items(cell: SolvedCell) -> Iterator[Heading]:
    """Yield the items of a text that state their points, as headings below all others."""
    if cell.kind != "markdown":
        return
    for line in cell.text_lines:
        if ITEM.match(line) and says_points(line):
            yield Heading(BOLD_LEVEL, line)


def _is_divided(heading: Heading, below: Sequence[Heading]) -> bool:
    """Return whether headings inside a part say points, too."""
    for other in below:
        if other.level <= heading.level:
            return False
        if says_points(other.text):
            return True
    return False


def _without_points(cell: SolvedCell, heading: Heading) -> SolvedCell:
    lines = cell.text_lines
    for number, line in enumerate(lines):
        if _read_heading(line) == heading:
            lines[number] = strip_points(line)
    source = "\n".join(lines)
    return replace(cell, source=source)


def is_solution(cell: SolvedCell) -> bool:
    """Return whether a text cell has only headings of solutions: "Solution", "Resposta"."""
    headings = headings_in(cell)
    if not headings:
        return False
    return all(heading.is_solution for heading in headings)


def filled_lines(source: str) -> list[str]:
    """List the lines of a text that have words."""
    return [line for line in source.split("\n") if not _RULE.match(line)]


def clean(text: str) -> str:
    """Strip the marks of markdown from a line."""
    unlinked = _LINK.sub(r"\1", text)
    plain = _TAG.sub("", unlinked)
    unmarked = _EMPHASIS.sub("", plain)
    bare = unmarked.strip(" #>")
    words = bare.split()
    return " ".join(words)


def heading_above(cells: Sequence[SolvedCell], index: int) -> str:
    """Find the nearest heading at or above a cell; empty if there is none."""
    for cell in reversed(cells[: index + 1]):
        heading = heading_of(cell)
        if heading is not None:
            return heading.text
    return ""


def words_above(cells: Sequence[SolvedCell], index: int) -> str:
    """Join the texts above a cell, from the nearest heading on."""
    texts: list[str] = []
    for cell in reversed(cells[:index]):
        if cell.kind != "markdown":
            if texts:
                break
            continue
        texts.insert(0, cell.source)
        if heading_of(cell) is not None:
            break
    return "\n\n".join(texts)


def asks(cell: SolvedCell) -> bool:
    """Return whether a text asks for something.

    It does in a line that calls itself an exercise, in a numbered item, with a verb first, or by a
    question.
    """
    if is_solution(cell):
        return False
    source = cell.source
    asked = asking_line(source) or question_in(source) or asking_sentence(source)
    return bool(asked)


def asking_line(source: str) -> str:
    """Find the line of a text that asks for something; empty if none does.

    One that calls itself an exercise may be anywhere; items and verbs count in the first lines.
    """
    content = _content_lines(source)
    for line in content:
        if opens_exercise(clean(line)):
            return line
    for line in content[:2]:
        if ITEM.match(line) or asks_with_verb(clean(line)):
            return line
    return ""


def asking_sentence(source: str) -> str:
    """Find the first sentence that asks with a verb, in the first lines of a text."""
    for line in _content_lines(source)[:2]:
        for sentence in _SENTENCE_END.split(line):
            text = clean(sentence)
            if asks_with_verb(text) or says_what_to_code(text):
                return sentence
    return ""


def _content_lines(source: str) -> list[str]:
    """List the lines of a text that have words and are no headings; wrapped ones are joined."""
    lines = []
    for line in unwrapped_lines(source):
        is_apart = _RULE.match(line) or HEADING_LINE.match(line) or DIRECTIVE_LINE.match(line)
        if not is_apart:
            lines.append(line)
    return lines


def items_in(source: str) -> list[str]:
    """List the items of a text that are numbered at the margin, each on one line."""
    items: list[str] = []
    is_item = False
    for line in source.split("\n"):
        if ITEM.match(line) and line[:1].strip():
            items.append(line)
            is_item = True
        elif is_item and line[:1] == " ":
            items[-1] = f"{items[-1]} {line.strip()}"
        elif line.strip():
            is_item = False
    return items


def asking_items(source: str, *, with_bullets: bool) -> list[str]:
    """List the items of a text that each ask for something, or the lines that open exercises.

    Args:
        source: the text.
        with_bullets: whether items without numbers are exercises, and not steps of one.
    """
    numbered = items_in(source)
    bulleted = []
    named = []
    for line in unwrapped_lines(source):
        words = clean(_BULLET.sub("", line))
        if with_bullets and _BULLET.match(line) and asks_with_verb(words):
            bulleted.append(line)
        elif not HEADING_LINE.match(line) and opens_exercise(words):
            named.append(line)
    return max(numbered, bulleted, named, key=len)


def title_of(source: str) -> str:
    """Take the sentence of a text without a heading that asks, cut to the length of a title."""
    lines = filled_lines(source)
    if not lines:
        return ""
    paragraph = asking_sentence(source)
    line = asking_line(source)
    if line or not paragraph:
        content = [line, *_content_lines(source), *lines]
        first = next(filter(None, content))
        paragraph = _paragraph_from(first, unwrapped_lines(source))
    title = _title_in(paragraph)
    if len(title) <= MAX_TITLE:
        return title
    short = title[: MAX_TITLE - 1]
    whole_words, _, _ = short.rpartition(" ")
    return f"{whole_words or short}…"


def _title_in(paragraph: str) -> str:
    """Take the first sentence of a paragraph; two, if the first only says "Exercise 1"."""
    unnumbered = ITEM.sub("", paragraph)
    text = _BULLET.sub("", unnumbered).strip(" >")
    unlabelled = _LABEL.sub("", text)
    sentences = _SENTENCE_END.split(unlabelled or text)
    cleaned = list(map(clean, sentences))
    title = cleaned[0].rstrip(".:")
    if is_exercise(title) and len(cleaned) > 1:
        both = " ".join(cleaned[:2])
        title = both.rstrip(".:")
    return title


def _paragraph_from(line: str, lines: Sequence[str]) -> str:
    """Join a line with the lines below it that go on with its sentence."""
    start = 0
    if line in lines:
        start = lines.index(line)
    joined = [line]
    for following in lines[start + 1 :]:
        if not following.strip() or len(joined) > MAX_TITLE_LINES:
            break
        marks = (ITEM, HEADING_LINE, _BULLET)
        if any(mark.match(following) for mark in marks):
            break
        joined.append(following.strip(" >"))
    return " ".join(joined)


def unwrapped_lines(source: str) -> list[str]:
    """List the lines of a text, each with those below it that go on with a small letter."""
    lines: list[str] = []
    for line in source.split("\n"):
        above = lines[-1] if lines else ""
        if _goes_on(line, above):
            rest = line.lstrip(" >")
            lines[-1] = f"{above.rstrip()} {rest}"
        else:
            lines.append(line)
    return lines


def _goes_on(line: str, above: str) -> bool:
    """Return whether a line goes on with the sentence of the line above it."""
    sentence = above.rstrip()
    if not sentence or HEADING_LINE.match(above) or ITEM.match(line):
        return False
    text = line.lstrip(" >")
    if text.startswith(("`", "$")):
        return not sentence.endswith(_STOPS)
    return text[:1].islower()


def question_in(source: str) -> str:
    """Find the first sentence of a text that asks something; empty if none does."""
    for line in unwrapped_lines(source):
        for sentence in _SENTENCE_END.split(line):
            question = sentence.strip()
            if question.rstrip("*_ )`").endswith(QUESTION_MARKS):
                untitled = _DIRECTIVE.sub(r"\g<text>", question)
                unmarked = untitled.lstrip("#> ")
                unnumbered = ITEM.sub("", unmarked)
                return clean(unnumbered.lstrip("-+• "))
    return ""
