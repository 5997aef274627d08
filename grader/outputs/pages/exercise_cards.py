"""Build the card of each exercise on a student's page: points, reason, and place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from grader.grading.checks.registry import check_named
from grader.grading.reviews import answer_text
from grader.messages import in_language, word
from grader.outputs import wording
from grader.outputs.pages.document import in_lines, plain_line, with_code
from grader.outputs.pages.graph_drawing import Drawings, operation_counts
from grader.outputs.pages.notebook import ShownNotebook
from grader.outputs.pages.page_content import PageContent
from grader.outputs.safe_text import plain
from grader.report import CheckResult, Evidence, ExerciseInfo, ExerciseResult
from grader.trace import Graph


@dataclass(frozen=True)
class EvidenceLine:
    """A line of the student's, and its place."""

    source: str
    place: str
    """The heading above, cell and line, in words."""
    anchor: str
    """Where the page shows the line; empty if it does not."""
    value: str = ""


@dataclass(frozen=True)
class GraphDrawing:
    """An autograd graph."""

    node_count: str
    """In words."""
    operations: str
    address: str = ""
    """The drawing as a `data:` address; empty if it could not be drawn."""


@dataclass(frozen=True)
class ExerciseCard:
    """An exercise."""

    status: str
    mark: str
    title: str
    points: str
    sentences: tuple[Markup, ...]
    hints: tuple[Markup, ...]
    lines: tuple[EvidenceLine, ...]
    flags: tuple[str, ...] = ()
    note: str = ""
    answer: str = ""
    drawing: GraphDrawing | None = None


@dataclass(frozen=True)
class ExerciseCards:
    """Builds the cards of a page."""

    content: PageContent
    notebook: ShownNotebook
    drawings: Drawings

    def cards(self) -> list[ExerciseCard]:
        """Build a card per exercise, with the note on it; none for those that were not asked."""
        notes: dict[str, str] = {}
        if self.content.info:
            for info in self.content.info.exercises:
                notes[info.id] = self._note(info)

        cards = []
        for exercise in self.content.result.exercises:
            if exercise.status != "not_asked":
                cards.append(self._card(exercise, notes.get(exercise.id, "")))
        return cards

    def _note(self, info: ExerciseInfo) -> str:
        texts = info.note if self.content.is_for_instructor else info.student_note
        return plain(in_language(texts, self.content.language))

    def _card(self, exercise: ExerciseResult, note: str) -> ExerciseCard:
        hints = self._hints(exercise)
        sentences = self._sentences(exercise)
        return ExerciseCard(
            status=exercise.status,
            mark=wording.MARKS[exercise.status][0],
            title=plain(exercise.title),
            points=self._points(exercise),
            sentences=tuple(with_code(text) for text in sentences if text not in hints),
            hints=tuple(with_code(text) for text in hints),
            lines=tuple(self._evidence_lines(exercise)),
            flags=tuple(self._flags(exercise)),
            note=note,
            answer=in_lines(_answer(exercise)),
            drawing=self._drawing(exercise),
        )

    def _hints(self, exercise: ExerciseResult) -> list[str]:
        if exercise.is_judged:
            return []
        language = self.content.language
        hints = wording.mistake_hints(exercise, language)
        return _distinct(hints)

    def _sentences(self, exercise: ExerciseResult) -> list[str]:
        language = self.content.language
        sentences = wording.exercise_sentences(exercise, language, self.content.reader)
        return _distinct(sentences)

    def _points(self, exercise: ExerciseResult) -> str:
        if not exercise.max_points:
            return ""
        language = self.content.language
        possible = wording.points(exercise.max_points, language)
        if exercise.status == "pending":
            return f"– / {possible}"
        return f"{wording.points(exercise.points, language)} / {possible}"

    # Where an exercise was decided

    def _evidence_lines(self, exercise: ExerciseResult) -> Iterator[EvidenceLine]:
        found = [check.found for check in exercise.checks if check.found]
        for evidence in found:
            yield self._evidence_line(evidence)
        if not self.content.is_for_instructor:
            return
        for flag in exercise.flags:
            for evidence in flag.evidence:
                if evidence not in found:
                    yield self._evidence_line(evidence)

    def _evidence_line(self, evidence: Evidence) -> EvidenceLine:
        source = evidence.where.source.strip()
        value = ""
        if self.content.is_for_instructor and source:
            value = wording.value_found(evidence)
        return EvidenceLine(
            source=plain_line(source),
            place=wording.place(evidence.where, self.content.language),
            anchor=self.notebook.anchor_for(evidence),
            value=plain(value),
        )

    def _flags(self, exercise: ExerciseResult) -> Iterator[str]:
        """List the flags; students do not see settled ones."""
        if not self.content.is_for_instructor and wording.is_reviewed(exercise.review):
            return
        for flag in wording.flags_to_tell(exercise):
            language = self.content.language
            text = wording.message_text(flag.message, language, self.content.reader)
            if text:
                yield plain(text)

    # Graphs

    def _drawing(self, exercise: ExerciseResult) -> GraphDrawing | None:
        for check in exercise.checks:
            graph = self._graph(check)
            if graph is not None and graph.labels:
                count = word("story-graph", self.content.language, count=len(graph.labels))
                return GraphDrawing(count, operation_counts(graph), self.drawings.draw(graph))
        return None

    def _graph(self, check: CheckResult) -> Graph | None:
        """Return the graph that a check found: by its name, or else the last one on its line."""
        kind = check_named(check.check)
        if kind is None or not kind.draws_graph:
            return None
        if check.found is None or self.content.run is None:
            return None

        last = None
        for path, graph in self._graphs_at(check.found):
            if path == check.found.name:
                return graph
            last = graph
        return last

    def _graphs_at(self, evidence: Evidence) -> Iterator[tuple[str, Graph]]:
        if self.content.run is None:
            return
        where = evidence.where
        for event in self.content.run.trace.base.events:
            if (event.cell, event.line) != (where.cell, where.line):
                continue
            for path, value in event.values.items():
                if isinstance(value, Graph):
                    yield path, value


def _answer(exercise: ExerciseResult) -> str:
    if exercise.automatic:
        return ""
    return answer_text(exercise)


def _distinct(texts: Iterable[str]) -> list[str]:
    """Drop empty and repeated texts."""
    return list(dict.fromkeys(text for text in texts if text))
