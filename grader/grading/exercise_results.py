"""Build the report's results of decided exercises: evidence, notes, mistakes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.assignment import Exercise
from grader.grading.checks.outcome import Outcome, message
from grader.grading.checks.registry import check_of
from grader.grading.evidence import Places, show
from grader.grading.expectation import Expectation
from grader.grading.knowledge import Headings, Knowledge
from grader.grading.mistake_search import Explanation
from grader.grading.mistakes import ByLanguage, Expectations, KnownMistake
from grader.grading.points import status_for
from grader.grading.search import Candidate, Values, find
from grader.messages import in_language
from grader.report import (
    CheckResult,
    Evidence,
    ExerciseResult,
    ExerciseStatus,
    Flag,
    Message,
    MistakeFound,
)

FAILING = ("failed", "partial", "missing")
"""Statuses of an exercise that may have failed since one before it did."""


@dataclass(frozen=True)
class DecidedExercises:
    """The outcomes of one submission, and the reasons for them."""

    values: Values
    knowledge: Knowledge
    exercises: Sequence[Exercise]
    outcomes: Mapping[str, Outcome]
    """Per exercise, the outcome of its check."""
    explanations: Sequence[Explanation]

    def explanation(self, exercise: Exercise) -> Explanation | None:
        """Return the mistakes that explain an exercise; None if there are none."""
        for explanation in self.explanations:
            if exercise.id in explanation.explains:
                return explanation
        return None


def write_results(decided: DecidedExercises, headings: Headings) -> tuple[ExerciseResult, ...]:
    """Build the result of each exercise, in their order."""
    places = Places(decided.values.trace, headings)
    writer = _ResultWriter(decided, places)
    return tuple(map(writer.write, decided.exercises))


def without_points(
    exercise: Exercise, status: ExerciseStatus, *checks: CheckResult
) -> ExerciseResult:
    """Build the result of an exercise that earns nothing, or nothing yet."""
    return ExerciseResult(
        id=exercise.id,
        title=exercise.title,
        status=status,
        points=0.0,
        max_points=exercise.points,
        automatic=exercise.automatic,
        credit=0.0,
        checks=checks,
    )


def left_to_person(exercise: Exercise, reason: Message) -> ExerciseResult:
    """Build the result of an exercise that waits for a person, with the reason."""
    check = CheckResult(check=exercise.check, message=reason)
    return without_points(exercise, "pending", check)


@dataclass(frozen=True)
class _Verdict:
    """The credit of an exercise, including credit for mistakes, and the value to show."""

    status: ExerciseStatus
    credit: float
    found: Candidate | None


@dataclass(frozen=True)
class _ResultWriter:
    """Builds the results of one submission."""

    decided: DecidedExercises
    places: Places

    def write(self, exercise: Exercise) -> ExerciseResult:
        """Build the result of one exercise."""
        outcome = self.decided.outcomes[exercise.id]
        explanation = self.decided.explanation(exercise)
        verdict = _judge(exercise, outcome, explanation)
        check = CheckResult(
            check=exercise.check,
            message=outcome.message,
            found=self._shown(verdict),
            notes=outcome.notes + self._notes(exercise, verdict.status),
        )
        return ExerciseResult(
            id=exercise.id,
            title=exercise.title,
            status=verdict.status,
            points=exercise.points * verdict.credit,
            max_points=exercise.points,
            automatic=True,
            credit=verdict.credit,
            checks=(check,),
            mistakes=tuple(self._mistakes(exercise, outcome, explanation)),
            flags=tuple(self._flags(outcome)),
        )

    def _shown(self, verdict: _Verdict) -> Evidence | None:
        """Show the value that decided; if it earned points, show no line of the handout."""
        evidence = self.places.evidence(verdict.found)
        if evidence is None or verdict.found is None or not verdict.credit:
            return evidence
        if not self.decided.values.origins.is_given(verdict.found.event):
            return evidence
        where = evidence.where.model_copy(update={"source": ""})
        return evidence.model_copy(update={"where": where})

    # Mistakes

    def _mistakes(
        self, exercise: Exercise, outcome: Outcome, explanation: Explanation | None
    ) -> Iterator[MistakeFound]:
        """Yield the mistakes that cost an exercise points, the root cause first.

        The first one names the ways that explain as much.
        """
        if explanation is None:
            return
        way = explanation.way
        explains = explanation.explains
        shown = self.places.evidence(explains[exercise.id])
        earning = None
        if outcome.status == "partial":
            earning = self.places.evidence(outcome.found)

        also = explanation.also
        for part in way.blamed[exercise.id]:
            of_part = [other for other in explains if part in way.blamed[other]]
            yield MistakeFound(
                id=part.id,
                also=tuple(other.id for other in also),
                also_names=tuple(other.name for other in also),
                explains=tuple(of_part),
                name=dict(part.name),
                happened=_describe(part, exercise, shown, earning),
                hint=dict(part.hint),
            )
            also = ()

    def _flags(self, outcome: Outcome) -> Iterator[Flag]:
        for flag in outcome.flags:
            evidence = self.places.evidence(flag.candidate)
            fields = {
                "id": flag.id,
                "message": flag.message or message(f"flag.{flag.id}"),
                "evidence": () if evidence is None else (evidence,),
            }
            yield Flag.model_validate(fields)

    # Notes

    def _notes(self, exercise: Exercise, status: ExerciseStatus) -> tuple[Message, ...]:
        notes = [*self._note_on_accepted_way(exercise)]
        if status in FAILING:
            notes += self._notes_on_needs(exercise)
        notes += self._note_on_told_values(exercise)
        return tuple(notes)

    def _note_on_accepted_way(self, exercise: Exercise) -> Iterator[Message]:
        """Yield the author's note on the accepted way that earned the points."""
        outcome = self.decided.outcomes[exercise.id]
        found = outcome.found
        if found is None or not outcome.credit:
            return

        knowledge = self.decided.knowledge
        expectation = knowledge.expectations[exercise.id]
        first_run = check_of(exercise).first_run(exercise)
        half_unit = found.half_unit or 0.0
        way = expectation.way(found.value, first_run, half_unit)
        if way:
            params = {}
            for language, text in knowledge.accepted.get(way, {}).items():
                if text:
                    params[f"note.{language}"] = text
            yield message("value.accepted", **params)

    def _notes_on_needs(self, exercise: Exercise) -> Iterator[Message]:
        """Name failed exercises that this one builds on: for feedback, never for points."""
        for needed in self.decided.exercises:
            if needed.id not in exercise.needs:
                continue
            outcome = self.decided.outcomes[needed.id]
            if outcome.credit < 1:
                yield message("value.depends", needs=needed.title)

    def _note_on_told_values(self, exercise: Exercise) -> Iterator[Message]:
        """List for the instructor which intermediate values are there, and which are not."""
        parts = []
        for label, expectation in self._told_values(exercise).items():
            value = self._shown_value(exercise, expectation)
            parts.append(f"{label} {value}")
        if parts:
            joined = " · ".join(parts)
            yield message("value.told", values=joined)

    def _shown_value(self, exercise: Exercise, expectation: Expectation) -> str:
        found = find(self.decided.values, exercise.look_in, expectation)
        if not found:
            return "–"
        best = found[0]
        return show(best.candidate.value)

    def _told_values(self, exercise: Exercise) -> Expectations:
        """Return the intermediate values, by their label.

        If a mistake explains the exercise, they are those of the mistake.
        """
        told = self.decided.knowledge.told
        explanation = self.decided.explanation(exercise)
        if explanation is not None:
            told = explanation.way.told
        return told.get(exercise.id, {})


def _judge(exercise: Exercise, outcome: Outcome, explanation: Explanation | None) -> _Verdict:
    """Compute the credit; a mistake leaves a share only if the check gave nothing."""
    if explanation is None or outcome.status == "partial":
        return _Verdict(outcome.status, outcome.credit, outcome.found)
    credit = explanation.way.credit(exercise.id)
    status = status_for(credit)
    found = explanation.explains[exercise.id]
    return _Verdict(status, credit, found)


def _describe(
    mistake: KnownMistake, exercise: Exercise, shown: Evidence | None, earning: Evidence | None
) -> dict[str, str]:
    """Describe, per language, what happened where a mistake was made.

    If another value earned a part of the points, the text about that value follows.
    """
    texts = mistake.happened.get(exercise.id, {})
    happened = _fill_in(texts, shown)
    if earning is None:
        return happened

    texts_of_earning = mistake.shown.get(exercise.id, {})
    of_earning = _fill_in(texts_of_earning, earning)
    described = {}
    for language, text in happened.items():
        sentences = [text, in_language(of_earning, language)]
        said = filter(None, sentences)
        described[language] = " ".join(said)
    return described


def _fill_in(texts: ByLanguage, evidence: Evidence | None) -> dict[str, str]:
    """Fill the line, name and heading of a value into texts, per language.

    A text that speaks of a line, name or heading that is not there is left out.
    """
    line = name = heading = ""
    if evidence is not None:
        name = evidence.name
        line = evidence.where.source
        heading = evidence.where.heading
    fields = {"line": line, "name": name, "heading": heading}

    lacking = [f"{{{field}}}" for field in fields if not fields[field]]
    filled = {}
    for language, text in texts.items():
        speaks_of_lacking = any(placeholder in text for placeholder in lacking)
        if not speaks_of_lacking:
            filled[language] = text.format(**fields)
    return filled
