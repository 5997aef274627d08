"""Puts what submissions share into the report's shape, an assignment at a time. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.batch.similarity.common import find_common
from grader.batch.similarity.features import MAX_LINE, Given, Piece, Trait, read_given, read_pieces
from grader.batch.similarity.pairs import Pair, find_pairs
from grader.batch.similarity.parties import parties_of
from grader.batch.similarity.rarity import Rarity, Work
from grader.notebook.cells import NotebookCell, words
from grader.notebook.headings import heading_above
from grader.reference.files import ReferenceFiles
from grader.report import Sameness, Shared, Similar, SubmissionResult, Where

COMPARED = ("graded", "ungradable")
"""Statuses of submissions that are compared: the others have nothing of the student's, or not of this assignment."""
MAX_PAIRS = 100
"""Most pairs of a report."""
MAX_SHARED = 20
"""Most lines of a pair."""
MAX_SAMENESS = 5
"""Most of code, and of answers, that much of a class shares."""
MAX_LINES = 100
"""Most lines of a sameness."""
LEAST_ANSWER = 8
"""Words from which on an answer is nobody else's by chance."""

SHOWN = ("shape", "numbers", "sentence")
"""What is shown by itself: where only links or names are rare, the line is many others', too."""

Cells = Mapping[str, Sequence[NotebookCell]]
"""The notebooks, by the ids of their submissions."""


@dataclass(frozen=True)
class SimilarWork:
    """What submissions share."""

    similar: tuple[Similar, ...]
    left_out: int
    """How many pairs there are beside these."""
    sameness: tuple[Sameness, ...]


@dataclass(frozen=True)
class _Match:
    """Two pieces of a pair that have something in common, by their places, and what that says."""

    place: int
    other: int
    others: int
    bits: float


def given_by(solution: ReferenceFiles) -> Given:
    """What the handout and the reference of an assignment have."""
    code = {cell.cell: cell.code for cell in solution.reference.cells}
    reference = [
        cell.model_copy(update={"source": code.get(index, cell.source)})
        for index, cell in enumerate(solution.cells)
    ]
    return read_given(solution.assignment.handout, reference)


def similar_work(
    results: Sequence[SubmissionResult], cells: Cells, given: Mapping[str, Given]
) -> SimilarWork:
    """What the submissions of each assignment share with each other.

    Args:
        results: how they were graded: whose they are, and where they answer questions.
        cells: the notebooks.
        given: per assignment, what is no evidence; those of others are not compared.
    """
    pairs: list[tuple[Pair, Similar]] = []
    sameness: list[Sameness] = []
    for assignment, known in given.items():
        own = [
            r
            for r in results
            if r.assignment == assignment and r.status in COMPARED and cells.get(r.id)
        ]
        comparison = _Comparison(own, cells, known)
        pairs += comparison.pairs()
        sameness += comparison.sameness()
    ordered = sorted(
        pairs, key=lambda found: -found[0].bits
    )  # stable: those of an assignment stay as they are
    kept = tuple(similar for _, similar in ordered[:MAX_PAIRS])
    return SimilarWork(kept, len(ordered) - len(kept), tuple(sameness))


class _Comparison:
    """The submissions of one assignment."""

    def __init__(self, results: Sequence[SubmissionResult], cells: Cells, given: Given) -> None:
        self._cells = cells
        self._answers = {result.id: dict(_answers(result)) for result in results}
        parties = parties_of([result.who for result in results])
        self._works = [
            Work(
                result.id,
                party,
                read_pieces(cells[result.id], given, self._answers[result.id].values()),
            )
            for result, party in zip(results, parties, strict=True)
        ]
        self._rarity = Rarity(self._works)
        self._common = find_common(self._works, self._rarity)
        crowds = (common for common in self._common if common.is_of_a_crowd)
        self._rarity.set_aside(piece.traits[0] for common in crowds for piece in common.pieces)

    def pairs(self) -> Iterator[tuple[Pair, Similar]]:
        """The pairs, those with most evidence first; of those that no report has room for only how alike they are."""
        for place, pair in enumerate(find_pairs(self._works, self._rarity)):
            shared = self._shared(pair) if place < MAX_PAIRS else []
            kept = sorted(
                sorted(shared, key=lambda one: -one.bits)[:MAX_SHARED], key=lambda one: one.place
            )
            yield (
                pair,
                Similar(
                    submissions=(pair.left.id, pair.right.id),
                    share=round(pair.share, 2),
                    shared=tuple(self._told(pair, one) for one in kept),
                    more=len(shared) - len(kept),
                    answers=tuple(self._same_answers(pair)),
                ),
            )

    def _shared(self, pair: Pair) -> list[_Match]:
        """What a pair shares and few others have, in the order of the first."""
        right = _by_trait(pair.right.pieces)
        found: list[_Match] = []
        told: set[Trait] = set()
        after = 0
        for place, piece in enumerate(pair.left.pieces):
            rare = [
                trait for trait in piece.traits if trait in right and self._rarity.is_rare(trait)
            ]
            shown = [trait for trait in rare if trait.kind in SHOWN and trait not in told]
            if shown:
                told.update(shown)
                places = right[shown[0]]
                after = next((later for later in places if later > after), places[0])
                others = min(map(self._rarity.others, shown))
                found.append(_Match(place, after, others, sum(map(self._rarity.bits, rare))))
        return found

    def _told(self, pair: Pair, match: _Match) -> Shared:
        return Shared(
            left=self._where(pair.left, pair.left.pieces[match.place]),
            right=self._where(pair.right, pair.right.pieces[match.other]),
            others=match.others,
        )

    def _where(self, work: Work, piece: Piece) -> Where:
        heading = heading_above(self._cells[work.id], piece.cell)
        return Where(cell=piece.cell, line=piece.line, source=piece.source, heading=heading)

    def _same_answers(self, pair: Pair) -> Iterator[str]:
        others = {
            exercise: words(text) for exercise, (_, text) in self._answers[pair.right.id].items()
        }
        for exercise, (_, text) in self._answers[pair.left.id].items():
            if others.get(exercise) == words(text) and words(text).count(" ") > LEAST_ANSWER:
                yield exercise

    def sameness(self) -> Iterator[Sameness]:
        """What much of the class shares: lines, and answers."""
        for common in self._common[:MAX_SAMENESS]:
            yield Sameness(
                submissions=tuple(work.id for work in common.works),
                compared=len(self._works),
                lines=tuple(
                    self._where(common.works[0], piece) for piece in common.pieces[:MAX_LINES]
                ),
            )
        yield from sorted(self._common_answers(), key=lambda one: -len(one.submissions))[
            :MAX_SAMENESS
        ]

    def _common_answers(self) -> Iterator[Sameness]:
        """Answers that more give in the same words than are listed in pairs; those of the same people at once."""
        groups: dict[tuple[str, str], list[Work]] = defaultdict(list)
        for work in self._works:
            for exercise, (_, text) in self._answers[work.id].items():
                if words(text).count(" ") > LEAST_ANSWER:
                    groups[exercise, words(text)].append(work)
        exercises: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for (exercise, _), works in groups.items():
            if len({work.party for work in works}) > self._rarity.most_with_sentence:
                exercises[tuple(work.id for work in works)].append(exercise)
        for ids, same in exercises.items():
            lines = tuple(self._answer(ids[0], exercise) for exercise in same)
            yield Sameness(
                submissions=ids, compared=len(self._works), exercises=tuple(same), lines=lines
            )

    def _answer(self, submission: str, exercise: str) -> Where:
        cell, text = self._answers[submission][exercise]
        heading = heading_above(self._cells[submission], cell)
        return Where(cell=cell, source=" ".join(text.split())[:MAX_LINE], heading=heading)


def _answers(result: SubmissionResult) -> Iterator[tuple[str, tuple[int, str]]]:
    """Per exercise that a person reads, the cell of the answer, and the answer."""
    for exercise in result.exercises:
        for check in () if exercise.automatic else exercise.checks:
            if check.found:
                yield exercise.id, (check.found.where.cell, check.found.value)


def _by_trait(pieces: Iterable[Piece]) -> Mapping[Trait, list[int]]:
    found: dict[Trait, list[int]] = defaultdict(list)
    for place, piece in enumerate(pieces):
        for trait in piece.traits:
            found[trait].append(place)
    return dict(found)
