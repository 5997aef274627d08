"""Find the text with which a student answered a question. It does not judge the text. Pure.

The answer is what the student wrote after the question, wherever that is. A wrong "not answered"
costs a point that nobody checks again, so doubtful cases count as answered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.assignment import Exercise
from grader.grading.text_blocks import (
    TextBlock,
    phrase_key,
    split_handout,
    split_notebook,
    without_closing,
)
from grader.grading.text_places import FILLERS, find_near
from grader.notebook.cells import NotebookCell
from grader.notebook.folding import fold
from grader.notebook.prose import QUOTED_WORDS, fold_prose

MAX_PLACES = 20
"""Most places of a question that are looked at."""

_LABELS = frozenset(
    (
        "questao",
        "pergunta",
        "exercicio",
        "atividade",
        "pregunta",
        "cuestion",
        "ejercicio",
        "actividad",
        "item",
        "question",
        "exercise",
        "activity",
        "q",
    )
)
"""Words before a question that only name it."""

_SENTENCE_END = re.compile(r"(?<=[?!.:])[\s*_]+")


@dataclass(frozen=True)
class TextAnswer:
    """The text that a student wrote after a question."""

    text: str
    """The text of the answer; empty if there is none."""
    cell: int | None
    """Index of the cell in which it begins; of the question's if it is blank; None without one."""
    found: bool
    """Whether the question is there."""
    certain: bool = True
    """Whether it is below the question's own words."""


NOT_FOUND = TextAnswer("", None, False)


class _Question:
    """The question to find, and how to recognise where its answer begins and ends."""

    def __init__(self, phrase: str, others: Sequence[str], handout: Sequence[TextBlock]) -> None:
        self.phrase = phrase
        self.others = tuple(others)
        self.handout = tuple(handout)
        self.asking: list[str] = []
        """Keys of the handout's blocks that put the question."""
        self.headings: set[str] = set()
        self.handout_keys: set[str] = set()
        for block in handout:
            key = block.key
            if phrase in key:
                self.asking.append(key)
            if block.is_heading:
                self.headings.add(key)
            if key.strip():
                self.handout_keys.add(key)

        quotable = [key for key in self.handout_keys if _count_words(key) >= QUOTED_WORDS]
        self.quotable = sorted(quotable, key=len, reverse=True)
        """Keys of the handout that are long enough to be recognised inside an answer."""

    def opens(self, block: TextBlock) -> bool:
        """Return whether a block starts the question, rather than containing its words."""
        return self._opens_with(block, self.phrase)

    def ends_at(self, block: TextBlock) -> bool:
        """Return whether a block ends an answer.

        It does if it puts another question, or is a heading of the handout other than "Resposta".
        """
        for other in self.others:
            if self._opens_with(block, other):
                return True
        if not block.is_heading or block.key not in self.headings:
            return False
        return not _is_blank(block.text)

    def own_part(self, block: TextBlock) -> str:
        """Return a block without the handout's text."""
        if block.key in self.handout_keys:
            return "\n"
        for key in self.quotable:
            if key in block.key:
                before, after = block.split_at(key)
                rest = f"{before} {after}"
                return rest.lstrip(" *_")
        return block.text

    def rest_of(self, block: TextBlock) -> str:
        """Return the student's text in the question's own block, after the question."""
        for key in self.asking:
            if key in block.key:
                _, after = block.split_at(key)
                return after

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
        if _count_words(key) < QUOTED_WORDS:
            return False
        return any(key in asking for asking in self.asking)

    def _opens_with(self, block: TextBlock, phrase: str) -> bool:
        if phrase not in block.key:
            return False
        before = _words_before(phrase, block)
        words = [word for word in before if not _is_label(word)]
        if not words:
            return True

        opening: set[str] = set()
        for asking in self.handout:
            if phrase in asking.key:
                words_of_handout = _words_before(phrase, asking)
                opening.update(words_of_handout)
        return opening.issuperset(words)


def find_answer(
    cells: Sequence[NotebookCell],
    handout: Sequence[NotebookCell],
    exercise: Exercise,
    other_questions: Sequence[str] = (),
) -> TextAnswer:
    """Find the student's text after the question of an exercise.

    Words are compared without case, accents, punctuation, emphasis and white space. If the question
    occurs more than once, the first one that is answered counts. If none is, a text in the
    question's place may be the answer.

    Args:
        cells: the student's notebook.
        handout: the notebook as it was handed out; nothing in it is an answer.
        exercise: one that a person reads.
        other_questions: phrases that find the other questions; each ends the answer before it.
    """
    phrase = phrase_key(exercise.question)
    if not phrase:
        return NOT_FOUND
    keys = map(phrase_key, other_questions)
    others = [key for key in keys if key not in ("", phrase)]
    phrases = (phrase, *others)
    handout_blocks = split_handout(tuple(handout), phrases)
    question = _Question(phrase, others, handout_blocks)
    blocks = split_notebook(cells, phrases, _folded_code(handout))

    first: TextAnswer | None = None
    for index in _places(blocks, question):
        answer = _answer_at(blocks, index, question)
        if answer.text:
            return answer
        first = first or answer

    near = find_near(cells, handout, phrases, first.cell if first else None)
    if near:
        return TextAnswer(near.text, near.cell, found=True, certain=False)
    return first or NOT_FOUND


def _folded_code(cells: Sequence[NotebookCell]) -> frozenset[str]:
    code = (cell.source for cell in cells if cell.kind == "code")
    return frozenset(map(fold, code))


def _places(blocks: Sequence[TextBlock], question: _Question) -> list[int]:
    """Return the indices of the blocks that hold the question, those that open with it first.

    Elsewhere it may only be spoken of.
    """
    opening = []
    others = []
    for index, block in enumerate(blocks):
        if question.opens(block):
            opening.append(index)
        elif question.phrase in block.key:
            others.append(index)
    places = opening + others
    return places[:MAX_PLACES]


def _answer_at(blocks: Sequence[TextBlock], index: int, question: _Question) -> TextAnswer:
    """Return the answer to a question that begins in a block."""
    asking = blocks[index]
    rest = question.rest_of(asking)
    texts = {asking.cell: rest}
    # The next number is the next question, unless the student numbers the points of the answer
    # itself.
    next_number: int | None = None
    if asking.number is not None:
        next_number = asking.number + 1
    for block in blocks[index + 1 :]:
        if block.number is not None and block.number == next_number:
            break
        if question.ends_at(block):
            break
        if block.number == asking.number:
            next_number = None
        own_part = question.own_part(block)
        before = texts.get(block.cell, "")
        texts[block.cell] = before + own_part
    return _join(texts, asking.cell)


def _join(texts: Mapping[int, str], asking_cell: int) -> TextAnswer:
    """Join the texts of an answer's cells, without cells that have nothing of the student's."""
    own_texts = []
    first_cell: int | None = None
    for cell, text in texts.items():
        if _is_blank(text):
            continue
        own_texts.append(text.strip())
        if first_cell is None:
            first_cell = cell

    answer = "\n\n".join(own_texts)
    if first_cell is None:
        first_cell = asking_cell
    return TextAnswer(answer, first_cell, True)


def _words_before(phrase: str, block: TextBlock) -> list[str]:
    before, _, _ = block.key.partition(phrase)
    return before.split()


def _is_label(word: str) -> bool:
    return word.isdigit() or word in _LABELS


def _count_words(key: str) -> int:
    return len(key.split())


def _after_sentence(block: TextBlock, phrase: str) -> str:
    """Return the text after the sentence with a phrase.

    The sentence ends at `?`, else at `:`, else with the line.
    """
    _, end = block.span(phrase)
    rest = block.text[end:]
    for mark in ("?", ":", "\n"):
        if mark in rest:
            _, _, after = rest.partition(mark)
            return without_closing(after)
    return ""


def _is_blank(text: str) -> bool:
    """Return whether a text has no words other than labels such as "Resposta:"."""
    folded = fold_prose(text)
    words = folded.split()
    return FILLERS.issuperset(words)
