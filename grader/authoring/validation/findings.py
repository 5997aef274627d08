"""What a validation finds. Plain data, and light to import: the screen shows it."""

from __future__ import annotations

from dataclasses import dataclass

from grader.report import Message


@dataclass(frozen=True)
class Margin:
    """Of one exercise: how far right answers spread and where wrong ones begin, in units of the tolerance in force."""

    exercise: str
    rtol: float
    atol: float
    spread: float
    """The largest distance of a right answer from the reference's, over all ways of running it."""
    nearest: str
    """The mistake or mutant whose answer comes nearest; empty if none can be compared with the right one."""
    distance: float
    """How near it comes, in the run where it is farthest: an answer has to agree in each."""

    @property
    def right_within(self) -> bool:
        """Whether every right answer earns its points."""
        return self.spread <= 1

    @property
    def wrong_beyond(self) -> bool:
        """Whether no wrong answer does."""
        return self.distance > 1


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    ok: bool
    message: Message
    details: tuple[Message, ...] = ()
    margins: tuple[Margin, ...] = ()


@dataclass(frozen=True)
class Validation:
    """What was found of one assignment."""

    assignment: str
    language: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether all is well."""
        return all(finding.ok for finding in self.findings)
