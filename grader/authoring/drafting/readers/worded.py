"""Find the answers in words in the cell of their question, line by line. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from grader.authoring.drafting.readers.headings import (
    HEADING_LINE,
    ITEM,
    QUESTION_MARKS,
    clean,
    question_in,
    title_of,
)
from grader.authoring.drafting.readers.leftovers import has_content, says_something
from grader.authoring.drafting.readers.regions import DETAILS, is_hint
from grader.authoring.drafting.syntax import leading_space
from grader.notebook.headings import FENCE

_WHO = r"(?:(?:your|my|the|sua|minha|tu|mi|su|votre|ma|ihre|deine)\s+)?"
_ANSWER = (
    r"(?:answers?|explanation|explica[çc][ãa]o|justificativa|respostas?|respuestas?|r[ée]ponses?|antwort|risposta|solutions?|solu[çc][ãa]o"
    r"|soluci[óo]n|ответ|решение|απάντηση|答案|答|解答|回答|الجواب|الإجابة|إجابة)"
)
_MARKUP = r"(?:<[^>]*>|\$|\\color\{\w+\}|\\text\w*\{?|\\mathbf\{?|[{}*_`>#\s~]|\d{1,2}[.)])*"
_LABEL = re.compile(
    rf"^(?P<label>{_MARKUP}{_WHO}{_ANSWER}(?:\s+\d+\w?)?{_MARKUP}(?:[:：.]{_MARKUP}|$))",
    re.IGNORECASE,
)
"""An answer's label at the beginning of a line, up to the answer."""
_SHORT_LABEL = re.compile(
    rf"^(?P<label>{_MARKUP}(?:A|R|Ans|Resp)(?:\d+\.?[a-z]\)|\d*\s*{_MARKUP}[:：.]){_MARKUP})"
)
_COLOURED = re.compile(
    r"<(?P<tag>font|span|div|p)\b[^>]*(?:color|style|class)[^>]*>", re.IGNORECASE
)
_COLOURED_MATH = re.compile(r"\\color\{|\\textcolor\{")
_INDENTED_ITEM = re.compile(r"^\s+[-*+•]\s")
_QUOTE = re.compile(r"^\s*>")
_CHOICE = re.compile(r"^\s*[-*+]\s*\[[ xX]?\]|^\s*[-*+]?\s*[A-Ea-e][.)]\s")


@dataclass
class WordedAnswer:
    """An answer in words, and its question."""

    question: str
    lines: list[int] = field(default_factory=list)
    """Numbers (from 1) of its lines."""
    label: str = ""
    """Label that stays of the first of them: `**Answer:**`."""


def worded_answers(source: str, question: str = "", title: str = "") -> list[WordedAnswer]:
    """Find the answers in a text that has their questions, too.

    They come behind a label ("Answer:"), or below a question in colour, as a quote, or as a list
    that is indented below it.

    Args:
        source: the text.
        question: what the text above it asks; empty: nothing.
        title: of the exercise that the text above it is; empty: it is none.
    """
    reader = _WordedReader(question, title)
    folded = _folded_answers(source)
    other_folded = folded_code(source)
    for number, line in enumerate(source.split("\n"), 1):
        if number in folded:
            reader.take_folded(number)
        elif number not in other_folded:
            reader.take(number, line)
    return [answer for answer in reader.answers if answer.lines]


def _folded_answers(source: str) -> frozenset[int]:
    """Collect the lines (from 1) of words that a text hides to be unfolded, but for hints."""
    lines: set[int] = set()
    for match in DETAILS.finditer(source):
        if not is_hint(match) and not _has_code(match):
            lines.update(_lines_of(match, source))
    return frozenset(lines)


def folded_code(source: str) -> frozenset[int]:
    """Collect the lines (from 1) of hints and of code that a text hides to be unfolded."""
    lines: set[int] = set()
    for match in DETAILS.finditer(source):
        if is_hint(match) or _has_code(match):
            lines.update(_lines_of(match, source))
    return frozenset(lines)


def _has_code(match: re.Match[str]) -> bool:
    return "```" in match["inside"]


def _lines_of(match: re.Match[str], source: str) -> range:
    """Return the lines (from 1) of a part of a text."""
    first = source.count("\n", 0, match.start()) + 1
    count = match[0].rstrip().count("\n") + 1
    return range(first, first + count)


class _WordedReader:
    """Takes line after line of a text."""

    def __init__(self, question: str, title: str) -> None:
        self.answers: list[WordedAnswer] = []
        self._question = question
        self._title = title
        self._is_item = False
        """Whether it is an item of a list, so that items indented below it may answer it."""
        self._is_quoted = False
        """Whether the question itself is a quote: then quotes below it are no answers."""
        self._last_text = ""
        self._open: WordedAnswer | None = None
        """The answer that is being read."""
        self._folded: WordedAnswer | None = None
        """The answer that is hidden to be unfolded, while it is read."""
        self._is_labelled = False
        """Whether it goes on until the next question, and not only while its form does."""
        self._is_fenced = False
        self._closing_tag = ""

    def take_folded(self, number: int) -> None:
        """Take a line that is hidden to be unfolded: it answers the question above it."""
        if self._folded is None and self._question:
            self._folded = WordedAnswer(self._question)
            self.answers.append(self._folded)
            self._question = ""
        if self._folded is not None:
            self._folded.lines.append(number)

    def take(self, number: int, line: str) -> None:
        """Take the next line."""
        self._folded = None
        if FENCE.match(line):
            self._is_fenced = not self._is_fenced
        elif not self._is_fenced and self._begins_part(line):
            self._open = None
            self._ask(line)
            return

        if not line.strip():
            return
        if not self._is_fenced and self._begin_answer(line):
            self._add(number, line)
        elif self._open is not None and self._goes_on(line):
            self._open.lines.append(number)
        else:
            self._open = None
            self._ask(line)

    def _begins_part(self, line: str) -> bool:
        """Return whether a line begins another question, or another part of the text."""
        if HEADING_LINE.match(line) and not _label(line, has_question=True):
            return True
        has_question = bool(self._question)
        if self._has_form(line) or _label(line, has_question=has_question):
            return False
        if _asks(line):
            return True
        return bool(self._open and ITEM.match(line) and _is_bold(line))

    def _ask(self, line: str) -> None:
        question = question_in(line)
        if question:
            self._question = question
            self._is_quoted = bool(_QUOTE.match(line))
            self._is_item = bool(ITEM.match(line))
        elif line.strip() and not self._last_text:
            self._last_text = line

    def _begin_answer(self, line: str) -> bool:
        """Open an answer if a line begins one."""
        label = _label(line, has_question=bool(self._question))
        if label:
            question = self._question or title_of(self._last_text)
            if not question and self.answers:
                question = self.answers[-1].question
            question = question or self._title
            if not question:
                return False
            self._open = WordedAnswer(question, label=label.rstrip())
            self._is_labelled = True
            return True
        may_begin = self._open is None and self._question
        if not may_begin or not self._has_form(line):
            return False
        self._open = WordedAnswer(self._question)
        self._is_labelled = False
        return True

    def _add(self, number: int, line: str) -> None:
        """Add the first line of the answer that was opened."""
        answer = self._open
        if answer is None:
            return
        self.answers.append(answer)
        self._note_tag(line)
        rest = line[len(answer.label) :]
        if has_content(rest) or not answer.label:
            answer.lines.append(number)
        self._question = ""
        self._last_text = ""

    def _note_tag(self, line: str) -> None:
        match = _COLOURED.search(line)
        self._closing_tag = ""
        if match and f"</{match['tag']}" not in line:
            self._closing_tag = f"</{match['tag']}"

    def _goes_on(self, line: str) -> bool:
        if self._is_labelled:
            return True
        if self._closing_tag:
            if self._closing_tag in line:
                self._closing_tag = ""
            return True
        return self._has_form(line)

    def _has_form(self, line: str) -> bool:
        """Return whether a line has the form of an answer below a question."""
        if self._is_quoted and _QUOTE.match(line):
            return False
        if not self._is_item and _INDENTED_ITEM.match(line):
            return False
        return _answers_by_form(line)


def _asks(line: str) -> bool:
    text = clean(line).rstrip(" )")
    return text.endswith(QUESTION_MARKS)


def _is_bold(line: str) -> bool:
    return "**" in line or "__" in line


def _label(line: str, *, has_question: bool) -> str:
    match = _LABEL.match(line)
    if match is None and has_question:
        match = _SHORT_LABEL.match(line)
    if not match:
        return ""
    return match["label"]


def _answers_by_form(line: str) -> bool:
    """Return whether a line has the form of an answer below a question: colour, quote or item."""
    if _asks(line) or _CHOICE.match(line):
        return False
    opened = _COLOURED.search(line)
    if opened and f"</{opened['tag']}" not in line:
        return True
    is_coloured = opened or _COLOURED_MATH.search(line)
    is_formed = is_coloured or _QUOTE.match(line) or _INDENTED_ITEM.match(line)
    if not is_formed:
        return False
    return says_something(line)


def answer_comments(source: str) -> list[int]:
    """Find the comments of a code cell that answer in words: `# Answer: because …`.

    Returns:
        Numbers (from 1) of their lines; empty: there are none.
    """
    numbers: list[int] = []
    is_open = False
    for number, line in enumerate(source.split("\n"), 1):
        bare = line.strip()
        is_comment = bare.startswith("#")
        text = bare.lstrip("# ")
        label = ""
        if is_comment:
            label = _label(text, has_question=True)
        if label:
            is_open = has_content(text[len(label) :])
        is_open = is_open and is_comment
        if is_open:
            numbers.append(number)
    return numbers


def without_lines(
    texts: Sequence[str],
    answers: Sequence[WordedAnswer],
    placeholder: str,
) -> Iterator[tuple[str, bool, bool]]:
    """Yield the lines of a text, and whether each is in the reference and in the handout.

    Args:
        texts: the lines.
        answers: the answers in them.
        placeholder: a line in the place of each answer.
    """
    removed = {number: answer for answer in answers for number in answer.lines}
    for number, text in enumerate(texts, 1):
        answer = removed.get(number)
        if answer is None:
            yield text, True, True
            continue
        yield text, True, False
        if number == answer.lines[0]:
            starts_with_label = answer.label and text.startswith(answer.label)
            if starts_with_label:
                yield answer.label, False, True
                yield "", False, True
            yield leading_space(text) + placeholder, False, True
