"""Find where a student answered a question, for a person to read. It judges no words. Pure.

The answer is what a student wrote after the question, wherever that stands. A wrong "not answered"
costs a point that nobody looks at again, so what is in doubt counts as answered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.assignment import Exercise
from grader.grading.text_blocks import (
    TextBlock,
    phrase_key,
    split_handout,
    split_notebook,
    without_closing,
)
from grader.notebook.cells import NotebookCell
from grader.notebook.folding import fold
from grader.notebook.prose import QUOTED_WORDS, fold_prose

MAX_PLACES = 20
"""Most places of a question that are looked at."""

_LABELS = frozenset(
    ("questao", "pergunta", "exercicio", "atividade", "item")
    + ("question", "exercise", "activity", "q")
)
"""Words before a question that only name it."""

_FILLERS = frozenset(("resposta", "respostas", "resp", "r", "answer", "answers"))
"""Words that announce an answer and are none."""

_SENTENCE_END = re.compile(r"(?<=[?!.:])[\s*_]+")


@dataclass(frozen=True)
class TextAnswer:
    """The text that a student wrote after a question."""

    text: str
    """The answer as it stands there; empty if there is none."""
    cell: int | None
    """Index of the cell in which it begins; of the question's if it is blank; None without one."""
    found: bool
    """Whether the question is there."""


NOT_FOUND = TextAnswer("", None, False)


class _Question:
    """The question looked for, and how to tell where its answer begins and ends."""

    def __init__(self, phrase: str, others: Sequence[str], handout: Sequence[TextBlock]) -> None:
        self.phrase = phrase
        self.others = tuple(others)
        self.handout = tuple(handout)
        self.asking = tuple(block.key for block in handout if phrase in block.key)
        """Keys of the handout's blocks that put the question."""
        self.headings = frozenset(block.key for block in handout if block.is_heading)
        self.handout_keys = frozenset(block.key for block in handout if block.key.strip())
        quotable = [key for key in self.handout_keys if len(key.split()) >= QUOTED_WORDS]
        quotable.sort(key=len, reverse=True)
        self.quotable = tuple(quotable)
        """Keys of the handout that are long enough to be recognised inside an answer."""

    def opens(self, block: TextBlock) -> bool:
        """Return whether a block puts the question, rather than having its words inside."""
        return self._opens_with(block, self.phrase)

    def ends_at(self, block: TextBlock) -> bool:
        """Return whether a block ends an answer.

        It does if it puts another question, or is a heading of the handout other than "Resposta".
        """
        for other in self.others:
            if self._opens_with(block, other):
                return True
        return block.is_heading and block.key in self.headings and not _is_blank(block.text)

    def own_part(self, block: TextBlock) -> str:
        """Return a block without what the handout says in it."""
        if block.key in self.handout_keys:
            return "\n"
        for key in self.quotable:
            if key in block.key:
                before, after = block.split_at(key)
                return f"{before} {after}".lstrip(" *_")
        return block.text

    def rest_of(self, block: TextBlock) -> str:
        """Return what a student wrote into the question's own block, after the question."""
        for key in self.asking:
            if key in block.key:
                return block.split_at(key)[1]

        # A question may have several sentences, and the student may have changed one of them.
        rest = _after_sentence(block, self.phrase)
        while rest:
            sentence, *others = _SENTENCE_END.split(rest, maxsplit=1)
            if not self._is_asked(sentence):
                break
            rest = "".join(others)
        return rest

    def _is_asked(self, sentence: str) -> bool:
        key = fold_prose(sentence)
        if len(key.split()) < QUOTED_WORDS:
            return False
        return any(key in asking for asking in self.asking)

    def _opens_with(self, block: TextBlock, phrase: str) -> bool:
        if phrase not in block.key:
            return False
        words = _words_before(phrase, block)
        if all(word.isdigit() or word in _LABELS for word in words):
            return True

        opening: set[str] = set()
        for of_handout in self.handout:
            if phrase in of_handout.key:
                opening.update(_words_before(phrase, of_handout))
        return all(word.isdigit() or word in _LABELS or word in opening for word in words)


def find_answer(
    cells: Sequence[NotebookCell],
    handout: Sequence[NotebookCell],
    exercise: Exercise,
    other_questions: Sequence[str] = (),
) -> TextAnswer:
    """Find what a student wrote after the question of an exercise.

    Words are compared without case, accents, punctuation, emphasis and white space. Where the
    question stands more than once, the first one that is answered counts.

    Args:
        cells: the student's notebook.
        handout: the notebook as it was handed out; nothing in it is an answer.
        exercise: one that a person reads.
        other_questions: phrases that find the other questions; each ends the answer before it.
    """
    phrase = phrase_key(exercise.question)
    if not phrase:
        return NOT_FOUND
    others = [other for other in map(phrase_key, other_questions) if other not in ("", phrase)]
    phrases = (phrase, *others)
    question = _Question(phrase, others, split_handout(tuple(handout), phrases))
    handout_code = frozenset(fold(cell.source) for cell in handout if cell.kind == "code")
    blocks = split_notebook(cells, phrases, handout_code)

    answers = []
    for index in _places(blocks, question):
        answer = _answer_at(blocks, index, question)
        if answer.text:
            return answer
        answers.append(answer)
    return answers[0] if answers else NOT_FOUND


def _places(blocks: Sequence[TextBlock], question: _Question) -> list[int]:
    """Return the indices of the blocks that hold the question, those that open with it first.

    Elsewhere it may only be spoken of.
    """
    holding = [index for index, block in enumerate(blocks) if question.phrase in block.key]
    holding.sort(key=lambda index: not question.opens(blocks[index]))
    return holding[:MAX_PLACES]


def _answer_at(blocks: Sequence[TextBlock], index: int, question: _Question) -> TextAnswer:
    """Return the answer to the question that is put in one block."""
    asking = blocks[index]
    parts = [(asking.cell, question.rest_of(asking))]
    numbers: set[int | None] = set()
    for block in blocks[index + 1 :]:
        # The next number is the next question, unless the student numbers the points of the
        # answer itself.
        is_next_item = asking.number is not None and block.number == asking.number + 1
        if is_next_item and asking.number not in numbers:
            break
        if question.ends_at(block):
            break
        numbers.add(block.number)
        parts.append((block.cell, question.own_part(block)))
    return _join(parts, asking.cell)


def _join(parts: Sequence[tuple[int, str]], asking_cell: int) -> TextAnswer:
    """Join the parts of an answer, cell by cell, without cells that hold nothing of the student's."""
    texts: dict[int, str] = {}
    for cell, text in parts:
        texts[cell] = texts.get(cell, "") + text

    own = {cell: text.strip() for cell, text in texts.items() if not _is_blank(text)}
    first_cell = next(iter(own), asking_cell)
    return TextAnswer("\n\n".join(own.values()), first_cell, True)


def _words_before(phrase: str, block: TextBlock) -> list[str]:
    return block.key.split(phrase)[0].split()


def _after_sentence(block: TextBlock, phrase: str) -> str:
    """Return the text after the sentence with a phrase: up to `?`, else `:`, else the line's end."""
    _, end = block.span(phrase)
    rest = block.text[end:]
    for mark in ("?", ":", "\n"):
        if mark in rest:
            return without_closing(rest.partition(mark)[2])
    return ""


def _is_blank(text: str) -> bool:
    """Return whether a text has no word besides such as "Resposta:"."""
    words = set(fold_prose(text).split())
    return words <= _FILLERS
