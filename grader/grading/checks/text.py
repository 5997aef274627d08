"""Free-text answers: where a student answered a question, for a person to read. It judges no words.

The answer is what a student wrote after the question, wherever that stands. A wrong "not answered" costs a
point that nobody looks at again, so what is in doubt counts as answered.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from grader.assignment import Exercise
from grader.grading.checks.base import Notebooks, ReviewedCheck
from grader.notebook.cells import NotebookCell
from grader.notebook.folding import fold
from grader.notebook.headings import HEADING
from grader.notebook.prose import QUOTED_WORDS, fold_prose, prose_of, word_spans
from grader.report import CheckResult, Evidence, ExerciseStatus, Message, Where

MAX_ANSWER = 10_000
"""Characters of an answer that the report keeps."""


MAX_CELL = 200_000
"""Characters of a cell that are looked at; no one writes more, but a program can."""

MAX_BLOCKS = 10_000
"""Blocks of a notebook that are looked at."""

MAX_PLACES = 20
"""Places of a question that are looked at."""

_LABELS = frozenset(
    (
        "questao",
        "pergunta",
        "exercicio",
        "atividade",
        "item",
        "question",
        "exercise",
        "activity",
        "q",
    )
)
_FILLERS = frozenset(("resposta", "respostas", "resp", "r", "answer", "answers"))
_FENCE = re.compile(r" {0,3}(```|~~~)")
_NUMBER = re.compile(r"[\s>#*_]*(\d{1,2})[\s*_]*\\?[.):º](?=[\s*_]|$)")
_BULLET = re.compile(r"\s*[-*+]\s")
_SENTENCE_END = re.compile(r"(?<=[?!.:])[\s*_]+")
_CLOSING = re.compile(r"(?:\(\)|[*_`.,;:?!)\]])*\s*")


@dataclass(frozen=True)
class Answer:
    """What a student wrote after a question."""

    text: str
    """The answer as it stands there; empty if there is none."""
    cell: int | None
    """Index of the cell in which it begins; of the question's if it is blank; None without one."""
    found: bool
    """Whether the question is there."""


@dataclass(frozen=True)
class _Block:
    """A paragraph, heading or list item."""

    cell: int
    text: str
    """With the line ends after it: the blocks of a cell, put together, are the cell."""
    key: str
    """Its folded words, each between blanks, without the number of a numbered item."""
    heading: bool
    number: int | None


class _Question:
    """The question looked for, and how to tell where its answer begins and ends."""

    def __init__(self, phrase: str, others: Sequence[str], handout: Sequence[_Block]) -> None:
        self.phrase = phrase
        self.others = tuple(others)
        self.handout = tuple(handout)
        self.asking = tuple(block.key for block in handout if phrase in block.key)
        self.said = frozenset(block.key for block in handout if block.key.strip())
        self.headings = frozenset(block.key for block in handout if block.heading)
        quotable = (key for key in self.said if len(key.split()) >= QUOTED_WORDS)
        self.quotable = tuple(sorted(quotable, key=len, reverse=True))


def find_answer(
    cells: Sequence[NotebookCell],
    handout: Sequence[NotebookCell],
    exercise: Exercise,
    other_questions: Sequence[str] = (),
) -> Answer:
    """What a student wrote after the question of an exercise.

    Words are compared without case, accents, punctuation, emphasis and white space. Where the question
    stands more than once, the first one that is answered counts.

    Args:
        cells: the student's notebook.
        handout: the notebook as it was handed out; nothing in it is an answer.
        exercise: one whose check is `text`.
        other_questions: phrases that find the other questions; each ends the answer before it.
    """
    phrase = _phrase(exercise.question)
    others = [other for text in other_questions if (other := _phrase(text)) not in ("", phrase)]
    handout_code = frozenset(fold(cell.source) for cell in handout if cell.kind == "code")
    question = _Question(phrase, others, _handout_blocks(tuple(handout), (phrase, *others)))
    blocks = _blocks(cells, (phrase, *others), handout_code)
    places = [index for index, block in enumerate(blocks) if phrase and phrase in block.key]
    # Where it opens a block it is asked; elsewhere it may only be spoken of.
    places.sort(key=lambda index: not _asks(blocks[index], phrase, question.handout))
    answers = [_answer_at(blocks, index, question) for index in places[:MAX_PLACES]]
    return next(
        (answer for answer in answers if answer.text), (answers or [Answer("", None, False)])[0]
    )


class TextCheck(ReviewedCheck):
    """Find what a student wrote after a question."""

    name = "text"

    def read(self, exercise: Exercise, notebooks: Notebooks) -> tuple[ExerciseStatus, CheckResult]:
        """Find the answer wherever it stands."""
        answer = find_answer(
            notebooks.submission, notebooks.handout, exercise, notebooks.other_questions
        )
        return check_text(exercise, answer)


def check_text(exercise: Exercise, answer: Answer) -> tuple[ExerciseStatus, CheckResult]:
    """Whether there is something for a person to read: `pending` if so, else `missing`.

    Args:
        exercise: one whose check is `text`.
        answer: what `find_answer` found for it.
    """
    if not answer.found:
        return "missing", CheckResult(
            check=exercise.check, message=Message(id="text.question-not-found")
        )
    if answer.cell is None or not answer.text:
        return "missing", CheckResult(check=exercise.check, message=Message(id="text.blank"))
    text = answer.text if len(answer.text) <= MAX_ANSWER else answer.text[:MAX_ANSWER] + " …"
    return "pending", CheckResult(
        check=exercise.check,
        message=Message(id="text.answered", params={"words": len(word_spans(answer.text))}),
        found=Evidence(where=Where(cell=answer.cell), value=text),
    )


# Where an answer begins and ends


def _answer_at(blocks: Sequence[_Block], place: int, question: _Question) -> Answer:
    """The answer to the question asked in one block."""
    asked = blocks[place]
    parts = [(asked.cell, _after_question(asked, question))]
    numbers: set[int | None] = set()
    for block in blocks[place + 1 :]:
        # The next number is the next question, unless the student numbers the points of the answer itself.
        next_item = asked.number is not None and block.number == asked.number + 1
        if (next_item and asked.number not in numbers) or _ends_answer(block, question):
            break
        numbers.add(block.number)
        parts.append((block.cell, _own_part(block, question)))
    return _joined(parts, asked.cell)


def _joined(parts: Sequence[tuple[int, str]], asked: int) -> Answer:
    texts: dict[int, str] = {}
    for cell, text in parts:
        texts[cell] = texts.get(cell, "") + text
    own = {cell: text.strip() for cell, text in texts.items() if not _is_blank(text)}
    return Answer("\n\n".join(own.values()), next(iter(own), asked), True)


def _ends_answer(block: _Block, question: _Question) -> bool:
    """Whether a block is another question, or a heading of the handout's other than "Resposta"."""
    if any(_asks(block, other, question.handout) for other in question.others):
        return True
    return block.heading and block.key in question.headings and not _is_blank(block.text)


def _asks(block: _Block, phrase: str, handout: Sequence[_Block]) -> bool:
    """Whether a block puts a question, rather than having its words somewhere inside."""
    if phrase not in block.key:
        return False
    opening = {
        word for own in handout if phrase in own.key for word in own.key.split(phrase)[0].split()
    }
    before = block.key.split(phrase)[0].split()
    return all(word.isdigit() or word in _LABELS or word in opening for word in before)


def _after_question(block: _Block, question: _Question) -> str:
    """What a student wrote into the question's own block, after the question."""
    for key in question.asking:
        if key in block.key:
            return _cut(block, key)[1]
    rest = _after_sentence(block, question.phrase)
    while rest:  # a question may have several sentences, of which a student changed one
        first, *others = _SENTENCE_END.split(rest, maxsplit=1)
        key = fold_prose(first)
        if len(key.split()) < QUOTED_WORDS or not any(key in asked for asked in question.asking):
            break
        rest = "".join(others)
    return rest


def _after_sentence(block: _Block, phrase: str) -> str:
    """The text after the sentence that holds a phrase: up to `?`, else `:`, else the end of the line."""
    rest = block.text[_span(block, phrase)[1] :]
    for end in ("?", ":", "\n"):
        if end in rest:
            return _CLOSING.sub("", rest.partition(end)[2], count=1)
    return ""


def _own_part(block: _Block, question: _Question) -> str:
    """A block without what the handout says in it."""
    if block.key in question.said:
        return "\n"
    for key in question.quotable:
        if key in block.key:
            before, after = _cut(block, key)
            return f"{before} {after}".lstrip(" *_")
    return block.text


def _is_blank(text: str) -> bool:
    """Whether a text has no word besides such as "Resposta:"."""
    return set(fold_prose(text).split()) <= _FILLERS


# Blocks and words


def _blocks(
    cells: Sequence[NotebookCell], phrases: Sequence[str], handout_code: frozenset[str]
) -> tuple[_Block, ...]:
    """The blocks of all cells; of a code cell only if it holds prose, and is not the handout's."""
    texts = ((index, _text(cell, handout_code)) for index, cell in enumerate(cells))
    return tuple(
        islice((block for cell, text in texts for block in _split(cell, text, phrases)), MAX_BLOCKS)
    )


@functools.lru_cache(
    maxsize=64
)  # a class has one handout, and asks for its blocks at every question
def _handout_blocks(
    handout: tuple[NotebookCell, ...], phrases: tuple[str, ...]
) -> tuple[_Block, ...]:
    return _blocks(handout, phrases, frozenset())


def _text(cell: NotebookCell, handout_code: frozenset[str]) -> str:
    source = unicodedata.normalize("NFC", cell.source[:MAX_CELL])
    if cell.kind != "code":
        return source
    return "" if fold(cell.source) in handout_code else prose_of(source)


def _split(cell: int, source: str, phrases: Sequence[str]) -> Iterator[_Block]:
    lines = source.splitlines(keepends=True)
    edges = sorted({0, len(lines), *_line_starts(lines, phrases)})
    for begin, end in pairwise(edges):
        yield _block(cell, "".join(lines[begin:end]))


def _line_starts(lines: Sequence[str], phrases: Sequence[str]) -> Iterator[int]:
    """Indices of the lines that begin a block."""
    asked = _phrase_lines(lines, phrases)
    in_fence = False
    for place, (before, line) in enumerate(pairwise(["", *lines])):
        opens = (
            any(pattern.match(line) for pattern in (HEADING, _NUMBER, _BULLET)) or place in asked
        )
        apart = line.strip() and (not before.strip() or HEADING.match(before))
        if (opens or apart) and not in_fence:
            yield place
        in_fence ^= bool(_FENCE.match(line))


def _phrase_lines(lines: Sequence[str], phrases: Sequence[str]) -> set[int]:
    """Indices of the lines in which a question's phrase begins; it may go on in the next."""
    keys = [fold_prose(line).strip() for line in lines]
    owners = [place for place, key in enumerate(keys) for _ in key.split()]
    text = f" {' '.join(key for key in keys if key)} "
    found: set[int] = set()
    for phrase in filter(None, phrases):
        at = text.find(phrase)
        while at >= 0:
            found.add(owners[text.count(" ", 0, at)])
            at = text.find(phrase, at + 1)
    return found


def _block(cell: int, text: str) -> _Block:
    number = _NUMBER.match(text)
    return _Block(
        cell=cell,
        text=text,
        key=_item_key(text),
        heading=bool(HEADING.match(text)),
        number=int(number[1]) if number else None,
    )


def _item_key(text: str) -> str:
    """The key of a text, without the number of a numbered item."""
    return (
        f" {' '.join(fold_prose(text).split()[1:])} " if _NUMBER.match(text) else fold_prose(text)
    )


def _cut(block: _Block, key: str) -> tuple[str, str]:
    """The text of a block before and after some of its words."""
    begin, end = _span(block, key)
    return block.text[:begin], _CLOSING.sub("", block.text[end:], count=1)


def _span(block: _Block, key: str) -> tuple[int, int]:
    """Where some words stand in the text of the block whose key holds them."""
    spans = word_spans(block.text)[1 if block.number is not None else 0 :]
    first = block.key.count(" ", 0, block.key.index(key))
    return spans[first][0], spans[first + len(key.split()) - 1][1]


def _phrase(question: str) -> str:
    """A question's phrase as it stands in a key: its last word may be the beginning of one."""
    return _item_key(unicodedata.normalize("NFC", question)).rstrip()


# Prose in code cells
