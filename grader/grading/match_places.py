"""Judge an equal value by its place. Pure.

If a variant changes the answer, the value may be anywhere in the student's own code. If none does,
an equal number is weak evidence: it has to be in the exercise's section or under the reference's
name, as a whole, and neither counted nor typed in. A value that agrees elsewhere is left to a
person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from grader.assignment import Exercise
from grader.grading.agreement import as_number
from grader.grading.expectation import Expectation
from grader.grading.knowledge import Knowledge
from grader.grading.marked_answers import MarkedAnswer
from grader.grading.search import Candidate, Found, Values
from grader.notebook.alignment import Alignment
from grader.notebook.folding import fold
from grader.notebook.typed_values import is_placeholder
from grader.trace import BASE, Array, Items, Value

Standing = Literal["answers", "elsewhere", "typed-in", "nothing"]
"""Meaning of a value that agrees with the reference.

`answers`: it is the answer; `elsewhere`: it may be, a person looks; `typed-in`: it is in the right
place, but was not computed; `nothing`: it agrees by chance, or is the handout's own.
"""


MAX_SMALL = 10
"""Whole numbers up to this one, of either sign, come up everywhere."""


@dataclass(frozen=True)
class NotebookSections:
    """Which cells of a submission are in the sections of which exercises."""

    alignment: Alignment
    marked: Mapping[str, MarkedAnswer]
    expectations: Mapping[str, Expectation]

    def has(self, exercise: str) -> bool:
        """Return whether the notebook has the heading or words above an exercise's answer."""
        return not self.alignment.present.isdisjoint(self.marked[exercise].sections)

    def is_in(self, exercise: str, cell: int) -> bool:
        """Return whether a cell is in the section of an exercise."""
        return self.alignment.section(cell) in self.marked[exercise].sections

    def others_at(self, exercise: str, cell: int) -> list[str]:
        """List the other exercises whose sections contain a cell."""
        if self.is_in(exercise, cell):
            return []
        return [other for other in self.marked if other != exercise and self.is_in(other, cell)]


@dataclass(frozen=True)
class SortedValues:
    """The values that agree with the reference, sorted by the evidence of their places."""

    answers: Sequence[Found] = ()
    elsewhere: Sequence[Found] = ()
    typed_in: Sequence[Found] = ()


@dataclass(frozen=True)
class ExercisePlace:
    """Where the answer of one exercise is expected in one submission."""

    exercise: Exercise
    values: Values
    marked: MarkedAnswer = field(default_factory=MarkedAnswer)
    sections: NotebookSections | None = None
    """None: the texts of the notebook are unknown, and every cell counts as in the section."""
    practised: bool = False
    """Whether practice numbers replace the data."""

    def sort(self, found: Sequence[Found], *, varied: bool) -> SortedValues:
        """Sort values that agree with the reference by the evidence of their places.

        Args:
            found: the values, the best one first.
            varied: whether a variant changes the answer.
        """
        answers: list[Found] = []
        elsewhere: list[Found] = []
        typed_in: list[Found] = []
        for one in found:
            match self.standing(one.candidate, varied=varied):
                case "answers":
                    answers.append(one)
                case "elsewhere":
                    elsewhere.append(one)
                case "typed-in":
                    typed_in.append(one)

        # Of equal ones, a line of the student's own is shown rather than the handout's.
        answers.sort(key=self._order)
        return SortedValues(answers, elsewhere, typed_in)

    def _order(self, found: Found) -> tuple[float, bool, bool, bool]:
        candidate = found.candidate
        is_given = self.values.origins.runs_given_code(candidate.event)
        is_at_end = candidate.event.turn == "last"
        return -found.credit, is_given, not self.is_named(candidate), is_at_end

    def standing(self, candidate: Candidate, *, varied: bool) -> Standing:
        """Judge a value that agrees with the reference."""
        given = self._standing_if_given(candidate)
        if given == "nothing":
            return "nothing"

        if not varied:
            made = self._standing_by_origin(candidate)
            if made != "answers":
                return made
        if self._stands_as_asked(candidate, varied=varied):
            return given
        return "elsewhere" if self._may_stand_elsewhere(candidate) else "nothing"

    def is_here(self, candidate: Candidate) -> bool:
        """Return whether a value is in the section, or in a function that is defined there."""
        if self.sections is None:
            return True
        event = candidate.event
        exercise = self.exercise.id
        if self.sections.is_in(exercise, event.cell):
            return True
        defining_cell = self.values.origins.defining_cell(event)
        if defining_cell is None:
            return False
        return self.sections.is_in(exercise, defining_cell)

    def is_named(self, candidate: Candidate) -> bool:
        """Return whether a value has the reference's name."""
        return self.marked.is_name(candidate.place.path)

    def is_chance(self, candidate: Candidate) -> bool:
        """Return whether a value may agree by chance: a counter, or one of many in a list."""
        if self.is_named(candidate):
            return False
        origins = self.values.origins
        return origins.is_counter(candidate) or origins.is_element(candidate)

    def is_used_by_given_cells(self) -> bool:
        """Return whether cells of the handout use the student's code in the section."""
        origins = self.values.origins
        handout = self.values.trace.handout_cells()
        is_used = any(map(origins.rests_on_own_code, handout))
        return is_used and self.has_own_cells()

    # The steps of deciding

    def _standing_if_given(self, candidate: Candidate) -> Standing:
        """Judge a value in a given cell; one in the student's own lines is an answer."""
        origins = self.values.origins
        event = candidate.event
        if not origins.is_given(event) or self.exercise.handout_counts:
            return "answers"
        if not origins.rests_on_own_code(event.cell):
            return "nothing"
        if self._source(event.cell) in self.marked.given:
            return "answers"
        return "elsewhere" if self.has_own_cells() else "nothing"

    def _standing_by_origin(self, candidate: Candidate) -> Standing:
        """Judge a value by how it was computed, if no variant changes it."""
        origins = self.values.origins
        is_here = self.is_here(candidate)
        if self.is_chance(candidate):
            last = origins.is_last_element(candidate) and not origins.is_counter(candidate)
            return "elsewhere" if last and is_here else "nothing"
        if origins.is_passing(candidate):
            return "elsewhere" if is_here and is_telling(candidate.value) else "nothing"
        if self.marked.typed_in:
            return "answers"

        typing = origins.typing(candidate)
        if typing == "computed":
            return "answers"
        if self.is_named(candidate) or (is_here and typing == "arithmetic"):
            return "typed-in"
        return "nothing"

    def _stands_as_asked(self, candidate: Candidate, *, varied: bool) -> bool:
        where = self.exercise.where
        if where == "here":
            return self.is_here(candidate)
        if where == "name":
            return self.is_named(candidate)
        if varied or self.is_here(candidate):
            return True
        return self.is_named(candidate)

    def _may_stand_elsewhere(self, candidate: Candidate) -> bool:
        """Return whether a value outside of the section may still be meant for the exercise."""
        if self.exercise.where == "name" and self._binds_name():
            return False
        sections = self.sections
        if sections is None or not sections.has(self.exercise.id):
            return True
        if self.exercise.where:
            if self.exercise.where != "name":
                return False
            return self.is_here(candidate)
        others = sections.others_at(self.exercise.id, candidate.event.cell)
        if not others:
            return True
        # A student who left the section empty may have answered below. A right answer there is no
        # sign of it.
        if self.has_own_cells() or not is_telling(candidate.value):
            return False
        for other in others:
            expectation = sections.expectations[other]
            if candidate.credit(expectation, BASE):
                return False
        return True

    def _binds_name(self) -> bool:
        """Return whether the student's own lines bind the reference's name."""
        for event in self.values.origins.own_events():
            paths = (*event.assigned, *event.values)
            if any(map(self.marked.is_name, paths)):
                return True
        return False

    def has_own_cells(self) -> bool:
        """Return whether the student wrote something in the section."""
        for cell in self.values.trace.cells:
            if cell.handout or is_placeholder(cell.source):
                continue
            if self.sections is None or self.sections.is_in(self.exercise.id, cell.cell):
                return True
        return False

    def _source(self, cell: int) -> str:
        for code in self.values.trace.cells:
            if code.cell == cell:
                return fold(code.source)
        return ""


def is_telling(value: Value) -> bool:
    """Return whether an equal value is unlikely to be there by chance."""
    number = as_number(value)
    if number is not None:
        return not number.is_integer() or abs(number) > MAX_SMALL
    if isinstance(value, Array):
        return len(set(value.elements)) > 1
    return isinstance(value, Items)


def exercise_places(
    values: Values,
    exercises: Sequence[Exercise],
    knowledge: Knowledge,
    alignment: Alignment | None,
) -> dict[str, ExercisePlace]:
    """Find where each answer is expected in a submission.

    Args:
        values: the submission's values.
        exercises: those that the grader decides.
        knowledge: where the reference answers them.
        alignment: where the handout's sections are in the notebook; None: unknown.
    """
    marked = knowledge.marked
    sections = None
    if alignment is not None:
        sections = NotebookSections(alignment, marked, knowledge.expectations)
    places: dict[str, ExercisePlace] = {}
    for exercise in exercises:
        answer = marked.get(exercise.id)
        if answer is not None:
            place = ExercisePlace(exercise, values, answer, sections, knowledge.practised)
            places[exercise.id] = place
    return places
