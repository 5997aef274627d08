"""Report similar work of submissions, one assignment at a time. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from grader.batch.similarity.common import CommonLines, find_common
from grader.batch.similarity.features import (
    MAX_LINE,
    Cells,
    GivenWork,
    Piece,
    Trait,
    read_given,
    read_pieces,
)
from grader.batch.similarity.pairs import Pair, find_pairs
from grader.batch.similarity.parties import parties_of
from grader.batch.similarity.rarity import Rarity, Work
from grader.notebook.cells import NotebookCell
from grader.notebook.folding import split_words
from grader.notebook.headings import heading_above
from grader.reference.files import ReferenceFiles
from grader.report import Sameness, Shared, Similar, SubmissionResult, Where

COMPARED = ("graded", "ungradable")
"""Statuses of submissions that are compared; the others have no work for this assignment."""

MAX_PAIRS = 100
"""Most pairs of a report."""

MAX_SHARED = 20
"""Most lines of a pair."""

MAX_SAMENESS = 5
"""Most entries on code, and on answers, that much of a class shares."""

MAX_LINES = 100
"""Most lines of such an entry."""

LEAST_ANSWER = 8
"""Words from which on an answer is nobody else's by chance."""

SHOWN = ("shape", "numbers", "sentence")
"""Kinds of traits that a line is shown for; one with only rare links or names has many holders."""

IndicesByTrait = dict[Trait, list[int]]
"""Indices of the pieces that have a trait."""

Ids = tuple[str, ...]
"""Ids of submissions."""

Words = tuple[str, ...]
"""The words of a text, without case, accents and punctuation."""

Notebooks = Mapping[str, Cells]
"""The cells of notebooks, by the ids of their submissions."""


@dataclass(frozen=True)
class SimilarWork:
    """Similar work: pairs of submissions, and lines or answers of much of the class."""

    similar: tuple[Similar, ...]
    left_out: int
    """How many pairs there are beside these."""
    sameness: tuple[Sameness, ...]


@dataclass(frozen=True)
class WrittenAnswer:
    """A student's answer to a question that a person reads."""

    exercise: str
    """Id of the exercise."""
    cell: int
    """Index of the cell, from 0."""
    text: str

    @cached_property
    def words(self) -> Words:
        """Its words without case, accents and punctuation."""
        return tuple(split_words(self.text))


@dataclass
class EqualAnswers:
    """Those who answer a question at length in the same words."""

    answer: WrittenAnswer
    """The answer as the first of them wrote it."""
    submissions: list[str] = field(default_factory=list)
    """Ids of their submissions."""
    parties: set[Hashable] = field(default_factory=set)
    """The parties they belong to."""


@dataclass(frozen=True)
class SharedPiece:
    """Two pieces of a pair that have something in common."""

    left: int
    """Index of the piece in the left work."""
    right: int
    """Index of the piece in the right work."""
    others: int
    """How many others have it."""
    bits: float
    """Evidence that it is."""


def given_by(solution: ReferenceFiles) -> GivenWork:
    """Read the code and texts of an assignment's handout and reference."""
    unmarked = {cell.cell: cell.code for cell in solution.reference.cells}
    reference: list[NotebookCell] = []
    for index, cell in enumerate(solution.cells):
        source = unmarked.get(index, cell.source)
        unmarked_cell = cell.model_copy(update={"source": source})
        reference.append(unmarked_cell)
    return read_given(solution.assignment.handout, reference)


def similar_work(
    results: Sequence[SubmissionResult], cells: Notebooks, given: Mapping[str, GivenWork]
) -> SimilarWork:
    """Find similar work among the submissions of each assignment.

    Args:
        results: their results, with the students and the places of answers.
        cells: the notebooks.
        given: code and texts that are no evidence, by assignment; submissions of other assignments
            are not compared.
    """
    pairs: list[ReportedPair] = []
    sameness: list[Sameness] = []
    for assignment, given_work in given.items():
        compared = [
            result
            for result in results
            if _is_compared(result, assignment) and cells.get(result.id)
        ]
        comparison = AssignmentComparison(compared, cells, given_work)
        pairs.extend(comparison.pairs())
        sameness.extend(comparison.sameness())

    # The sort is stable: pairs of one assignment stay in their order.
    pairs.sort(key=lambda pair: -pair.bits)
    listed = [pair.similar for pair in pairs[:MAX_PAIRS]]
    return SimilarWork(
        similar=tuple(listed),
        left_out=len(pairs) - len(listed),
        sameness=tuple(sameness),
    )


def _is_compared(result: SubmissionResult, assignment: str) -> bool:
    if result.assignment != assignment:
        return False
    return result.status in COMPARED


@dataclass(frozen=True)
class ReportedPair:
    """A pair as the report shows it, with the evidence that it is sorted by."""

    bits: float
    similar: Similar


class AssignmentComparison:
    """Compare the submissions of one assignment."""

    def __init__(
        self, results: Sequence[SubmissionResult], cells: Notebooks, given: GivenWork
    ) -> None:
        self._cells = cells
        self._answers = {result.id: _answers(result) for result in results}

        self._works: list[Work] = []
        people = [result.who for result in results]
        parties = parties_of(people)
        for result, party in zip(results, parties, strict=True):
            answers = self._answers[result.id]
            texts = [(answer.cell, answer.text) for answer in answers.values()]
            own_cells = cells[result.id]
            pieces = read_pieces(own_cells, given, texts)
            work = Work(result.id, party, pieces)
            self._works.append(work)

        self._rarity = Rarity(self._works)
        self._common = find_common(self._works, self._rarity)
        for common in self._common:
            if common.is_of_a_crowd:
                shapes = [piece.traits[0] for piece in common.pieces]
                self._rarity.set_aside(shapes)

    def pairs(self) -> Iterator[ReportedPair]:
        """List the pairs, those with most evidence first.

        Pairs that no report has room for come without the lines they share.
        """
        pairs = find_pairs(self._works, self._rarity)
        for index, pair in enumerate(pairs):
            shared: list[SharedPiece] = []
            if index < MAX_PAIRS:
                shared = self._shared_pieces(pair)

            similar = self._similar(pair, shared)
            yield ReportedPair(pair.bits, similar)

    def _similar(self, pair: Pair, shared: Sequence[SharedPiece]) -> Similar:
        by_evidence = sorted(shared, key=lambda piece: -piece.bits)
        most_telling = by_evidence[:MAX_SHARED]
        listed = sorted(most_telling, key=lambda piece: piece.left)
        described = [self._describe(pair, piece) for piece in listed]
        answers = self._same_answers(pair)
        return Similar(
            submissions=(pair.left.id, pair.right.id),
            share=round(pair.share, 2),
            shared=tuple(described),
            more=len(shared) - len(listed),
            answers=tuple(answers),
        )

    def _shared_pieces(self, pair: Pair) -> list[SharedPiece]:
        """List pieces that a pair shares and few others have, in the order of the left work."""
        right_indices = _index_traits(pair.right.pieces)
        shared: list[SharedPiece] = []
        shown_before: set[Trait] = set()
        last_right = 0
        for left, piece in enumerate(pair.left.pieces):
            rare = self._rare_traits(piece, right_indices)
            new = [trait for trait in rare if trait not in shown_before]
            shown = [trait for trait in new if trait.kind in SHOWN]
            if not shown:
                continue

            shown_before.update(shown)
            rights = right_indices[shown[0]]
            last_right = _next_index(rights, last_right)
            others = min(map(self._rarity.others, shown))
            bits = sum(map(self._rarity.bits, rare))
            item = SharedPiece(left, last_right, others, bits)
            shared.append(item)
        return shared

    def _rare_traits(self, piece: Piece, others: Collection[Trait]) -> list[Trait]:
        """List the traits of a piece that are among others and that few have."""
        in_both = [trait for trait in piece.traits if trait in others]
        rare = filter(self._rarity.is_rare, in_both)
        return list(rare)

    def _describe(self, pair: Pair, shared: SharedPiece) -> Shared:
        left_piece = pair.left.pieces[shared.left]
        right_piece = pair.right.pieces[shared.right]
        return Shared(
            left=self._where(pair.left, left_piece),
            right=self._where(pair.right, right_piece),
            others=shared.others,
        )

    def _where(self, work: Work, piece: Piece) -> Where:
        return Where(
            cell=piece.cell,
            line=piece.line,
            source=piece.source,
            heading=heading_above(self._cells[work.id], piece.cell),
        )

    def _same_answers(self, pair: Pair) -> Iterator[str]:
        """List the exercises that both of a pair answer at length in the same words."""
        right_answers = self._answers[pair.right.id]
        for exercise, answer in self._answers[pair.left.id].items():
            right_answer = right_answers.get(exercise)
            if right_answer is None:
                continue
            words = answer.words
            is_long = len(words) >= LEAST_ANSWER
            if is_long and right_answer.words == words:
                yield exercise

    def sameness(self) -> Iterator[Sameness]:
        """List lines and answers that much of the class shares."""
        for common in self._common[:MAX_SAMENESS]:
            yield self._common_lines(common)

        common_answers = self._common_answers()
        by_number = sorted(common_answers, key=lambda item: -len(item.submissions))
        yield from by_number[:MAX_SAMENESS]

    def _common_lines(self, common: CommonLines) -> Sameness:
        works = common.works
        first = works[0]
        first_pieces = common.pieces[:MAX_LINES]
        lines = [self._where(first, piece) for piece in first_pieces]
        return Sameness(
            submissions=tuple(work.id for work in works),
            compared=len(self._works),
            lines=tuple(lines),
        )

    def _common_answers(self) -> Iterator[Sameness]:
        """List answers in the same words that too many people give to be listed as pairs.

        Answers of the same people are listed together.
        """
        by_people: dict[Ids, list[WrittenAnswer]] = defaultdict(list)
        for group in self._equal_answers():
            if len(group.parties) > self._rarity.most_with_sentence:
                people = tuple(group.submissions)
                by_people[people].append(group.answer)

        for submissions, answers in by_people.items():
            cells = self._cells[submissions[0]]
            yield Sameness(
                submissions=submissions,
                compared=len(self._works),
                exercises=tuple(answer.exercise for answer in answers),
                lines=tuple(_where_answered(answer, cells) for answer in answers),
            )

    def _equal_answers(self) -> Iterable[EqualAnswers]:
        """Group the long answers of the class by their words."""
        groups: dict[tuple[str, Words], EqualAnswers] = {}
        for work in self._works:
            answers = self._answers[work.id]
            for answer in answers.values():
                if len(answer.words) < LEAST_ANSWER:
                    continue
                key = (answer.exercise, answer.words)
                new_group = EqualAnswers(answer)
                group = groups.setdefault(key, new_group)
                group.submissions.append(work.id)
                group.parties.add(work.party)
        return groups.values()


def _answers(result: SubmissionResult) -> dict[str, WrittenAnswer]:
    """Find the answer to each exercise that a person reads, by the exercise's id."""
    answers: dict[str, WrittenAnswer] = {}
    for exercise in result.exercises:
        if exercise.automatic:
            continue

        for check in exercise.checks:
            if check.found:
                answers[exercise.id] = WrittenAnswer(
                    exercise=exercise.id,
                    cell=check.found.where.cell,
                    text=check.found.value,
                )
    return answers


def _where_answered(answer: WrittenAnswer, cells: Cells) -> Where:
    text = " ".join(answer.text.split())
    return Where(
        cell=answer.cell,
        source=text[:MAX_LINE],
        heading=heading_above(cells, answer.cell),
    )


def _index_traits(pieces: Iterable[Piece]) -> IndicesByTrait:
    """List for each trait the pieces that have it, by their indices."""
    by_trait: IndicesByTrait = {}
    for index, piece in enumerate(pieces):
        for trait in piece.traits:
            indices = by_trait.setdefault(trait, [])
            indices.append(index)
    return by_trait


def _next_index(indices: Sequence[int], last: int) -> int:
    """Return the first index after the last one; the very first if there is none."""
    for index in indices:
        if index > last:
            return index
    return indices[0]
