"""Limit how much a validation tries, by budgets of processor time and rounds of trials."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from grader.authoring.validation.findings import ValidationFinding
from grader.grading.checks.outcome import message

T = TypeVar("T")

Clock = Callable[[], float]
"""Returns a time in seconds, such as that which a kernel has used of its processor."""

BUDGET_S = 120.0
"""Processor time for mutants, rewrites and runs with other seeds together, in seconds."""

SHARES = {"mutants": 0.4, "rewrites": 0.3, "ways": 0.3}
"""How the budget is divided."""


@dataclass
class TrialCounts:
    """How many trials of one kind there are, and how many were run."""

    tried: int = 0
    left_out: int = 0
    cut: int = 0
    """Those that did not end in time, so that they are not judged."""


@dataclass
class Budget:
    """Processor time for trials of one kind.

    A round of trials runs as a whole or not at all, by the time of the trials before it: so a busy
    machine hardly changes the choice of trials.
    """

    seconds: float | None
    """All of it; None: unlimited."""
    clock: Clock
    counts: TrialCounts = field(default_factory=TrialCounts)
    _spent_s: float = 0.0
    _measured: int = 0

    def rounds(self, trials: Iterable[Sequence[T]]) -> Iterator[T]:
        """Yield trials, round by round, as long as there is time; the first trial in any case."""
        for in_round in trials:
            if not self._has_room(len(in_round)):
                self.counts.left_out += len(in_round)
                continue
            for index, trial in enumerate(in_round):
                if self.is_used_up:
                    self.counts.left_out += len(in_round) - index
                    break
                before = self.clock()
                yield trial
                self.counts.tried += 1
                self._note(self.clock() - before)

    @property
    def is_used_up(self) -> bool:
        """Whether twice the budget is spent, because a round took far longer than earlier ones."""
        if self.seconds is None:
            return False
        return self._spent_s > 2 * self.seconds

    def _has_room(self, count: int) -> bool:
        if self.seconds is None or not self._measured:
            return True
        each_s = self._spent_s / self._measured
        return self._spent_s + each_s * count <= self.seconds

    def _note(self, seconds: float) -> None:
        """Record the time of a trial; stored ones take none, and say nothing about others."""
        if seconds > 0:
            self._spent_s += seconds
            self._measured += 1


def in_rounds(trials: Iterable[T], group: Callable[[T], object]) -> list[list[T]]:
    """Divide trials into rounds: each has the next one of every group."""
    counts: Counter[object] = Counter()
    rounds: list[list[T]] = []
    for trial in trials:
        key = group(trial)
        number = counts[key]
        counts[key] += 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(trial)
    return rounds


def wall_clock() -> float:
    """Return the time of day, if the system does not report a kernel's processor time."""
    return time.monotonic()


def left_out_finding(budgets: dict[str, Budget]) -> list[ValidationFinding]:
    """Report in one line trials that were left out or cut off, if there are any."""
    left_out: dict[str, int] = {}
    cut = 0
    for kind, budget in budgets.items():
        left_out[kind] = budget.counts.left_out
        cut += budget.counts.cut
    findings: list[ValidationFinding] = []
    if any(left_out.values()):
        why = message("validate.left-out", **left_out)
        findings.append(ValidationFinding(True, why))
    if cut:
        why = message("validate.cut-trials", count=cut)
        findings.append(ValidationFinding(True, why))
    return findings
