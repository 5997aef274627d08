"""Hold the findings of a validation: plain data, quick to import for the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from grader.report import Message


@dataclass(frozen=True)
class Margin:
    """How far an exercise's right answers vary, and where wrong ones begin.

    Distances are in units of the tolerance in force.
    """

    exercise: str
    rtol: float
    atol: float
    spread: float
    """Largest distance of a right answer from the reference's, over all ways of running it."""
    nearest: str
    """The mistake or mutant with the nearest answer; empty if no answer can be compared."""
    distance: float
    """Distance of that answer, in the run where it is farthest: an answer has to agree in each."""

    @property
    def right_within(self) -> bool:
        """Whether every right answer earns its points."""
        return self.spread <= 1

    @property
    def wrong_beyond(self) -> bool:
        """Whether no wrong answer earns its points."""
        return self.distance > 1


@dataclass(frozen=True)
class ValidationFinding:
    """The result of one check of an assignment."""

    ok: bool
    message: Message
    details: tuple[Message, ...] = ()
    margins: tuple[Margin, ...] = ()


@dataclass(frozen=True)
class Validation:
    """The findings of one assignment."""

    assignment: str
    language: str
    findings: tuple[ValidationFinding, ...]

    @property
    def ok(self) -> bool:
        """Whether there is no problem."""
        return all(finding.ok for finding in self.findings)
