"""Choose among a student's notebooks: the most complete one, or several parts together.

If it is unclear which of two is meant, the submission names the other, for a person to check.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from grader.assignment import Assignment
from grader.job import InputFile
from grader.notebook.format import safe_name
from grader.report import Message
from grader.submissions.handed_in import (
    HandedInFile,
    LeftOutFile,
    LeftOutStatus,
    ReadFile,
    Selection,
)
from grader.submissions.identify import count_own_cells, identify
from grader.submissions.name_order import NameOrder, name_order
from grader.submissions.submission import Submission
from grader.submissions.work_done import Parts, WorkDone, work_done

NEAR = 0.25
"""A notebook with less than this share of the best similarity is a scratch file beside it, unless
it contains more of the assignment.
"""


@dataclass(frozen=True)
class NotebookCandidate:
    """A notebook that may count."""

    file: HandedInFile
    submission: Submission
    assignment: Assignment
    similarity: float
    """To the handout of the assignment, from 0 to 1."""
    own_cells: int
    """How many of its cells are neither blank nor the handout's."""
    work: WorkDone

    @property
    def is_changed(self) -> bool:
        """Whether it differs from the handout."""
        return self.own_cells > 0

    @cached_property
    def named(self) -> NameOrder:
        """The order by its name."""
        return name_order(self.file.ownership.file)

    @property
    def attempt(self) -> tuple[object, ...]:
        """Number of the attempt; later ones are greater."""
        return *self.sure_attempt, self.file.order

    @property
    def sure_attempt(self) -> tuple[object, ...]:
        """The same, without the numbers that an LMS adds to the files of one attempt."""
        (when, _), path = self.file.order
        return self.named.is_main, when, path, self.named

    @property
    def rank(self) -> tuple[object, ...]:
        """Sort key of candidates; the greatest counts.

        A draft or a backup counts for one part less: it has to contain clearly more.
        """
        done = len(self.work.parts)
        handicap = 0 if self.named.is_main else 1
        return (
            done > 0,
            done - handicap,
            self.attempt,
            self.work.code_cells,
            round(self.similarity, 3),
            self.own_cells,
            self.file.name,
        )


Candidates = Sequence[NotebookCandidate]


def choose_among_notebooks(
    whole: Sequence[ReadFile], assignments: Sequence[Assignment], selection: Selection
) -> None:
    """Choose among notebooks that can be read: one of each assignment, or one if none is of any."""
    if len(whole) == 1:
        selection.submissions.append(whole[0].submission)
        return

    candidates = [_candidate(read, assignments) for read in whole]
    fitting = [candidate for candidate in candidates if candidate.similarity > 0]
    if not fitting:
        _choose_best(candidates, selection)
        return

    by_assignment: dict[str, list[NotebookCandidate]] = {}
    for candidate in fitting:
        name = candidate.assignment.name
        of_one_assignment = by_assignment.setdefault(name, [])
        of_one_assignment.append(candidate)
    for of_one_assignment in by_assignment.values():
        _choose_best(of_one_assignment, selection)

    for candidate in candidates:
        if candidate.similarity <= 0:
            selection.leave_out(candidate.file, "ignored", Message(id="arrived.other-notebook"))


def _candidate(read: ReadFile, assignments: Sequence[Assignment]) -> NotebookCandidate:
    assignment, similarity = identify(read.submission, assignments)
    return NotebookCandidate(
        file=read.file,
        submission=read.submission,
        assignment=assignment,
        similarity=similarity,
        own_cells=count_own_cells(read.submission, assignment),
        work=work_done(read.submission, assignment),
    )


def _choose_best(candidates: Candidates, selection: Selection) -> None:
    """Choose the most complete one, together with those that contain other parts."""
    ranked = sorted(_worked_on(candidates), key=lambda candidate: candidate.rank, reverse=True)
    chosen = ranked[0]
    group = _with_other_parts(ranked)
    submission = _join(group)

    others = [candidate for candidate in candidates if candidate not in group]
    rivals = [candidate for candidate in others if _is_rival(candidate, chosen, group)]
    if rivals:
        closest = max(rivals, key=lambda candidate: candidate.rank)
        submission = replace(submission, rival=safe_name(closest.file.name))
    selection.submissions.append(submission)

    for candidate in group[1:]:
        reason = Message(id="arrived.joined", params={"file": submission.file})
        selection.left_out.append(_left_out(candidate, "joined", reason, submission))
    for candidate in others:
        reason = _why_another_counts(candidate, chosen)
        selection.left_out.append(_left_out(candidate, "superseded", reason, submission))


def _left_out(
    candidate: NotebookCandidate, status: LeftOutStatus, reason: Message, counts: Submission
) -> LeftOutFile:
    return LeftOutFile(candidate.file, status, reason, counts.id)


def _worked_on(candidates: Candidates) -> list[NotebookCandidate]:
    """Return the candidates that were worked on, without scratch files beside them."""
    changed = [candidate for candidate in candidates if candidate.is_changed]
    worked_on = changed or list(candidates)

    most_similar = max(worked_on, key=lambda candidate: candidate.similarity)
    least = NEAR * most_similar.similarity
    done = len(most_similar.work.parts)
    return [
        candidate
        for candidate in worked_on
        if candidate.similarity >= least or len(candidate.work.parts) > done
    ]


def _with_other_parts(ranked: Candidates) -> list[NotebookCandidate]:
    """Return the best candidate, and those with other parts, without overlaps.

    They are sorted by where the handout has their first part. A draft is never taken together with
    the file that it may be a draft of.
    """
    group = [ranked[0]]
    parts: Parts = ranked[0].work.parts
    for candidate in ranked[1:]:
        own_parts = candidate.work.parts
        may_join = candidate.named.is_main and ranked[0].named.is_main
        if may_join and parts and own_parts and not parts & own_parts:
            group.append(candidate)
            parts |= own_parts
    return sorted(group, key=lambda candidate: (candidate.work.first, candidate.file.name))


def _join(group: Candidates) -> Submission:
    """Combine the files of a group into one submission: the cells of each, in order.

    Code that a file repeats from the one before runs again, as it did for the student.
    """
    first, *others = [candidate.submission for candidate in group]
    if not others:
        return first

    joined = first
    files: dict[str, InputFile] = {file.name: file for file in first.files}
    for other in others:
        for file in other.files:
            files.setdefault(file.name, file)
        joined = replace(
            joined,
            cells=joined.cells + other.cells,
            saved_outputs=joined.saved_outputs + other.saved_outputs,
            execution_counts=joined.execution_counts + other.execution_counts,
        )

    hashes = [candidate.submission.sha256 for candidate in group]
    names = tuple(candidate.submission.file for candidate in group)
    return replace(
        joined,
        sha256=hashlib.sha256(" ".join(hashes).encode()).hexdigest(),
        files=tuple(files.values()),
        joined=names,
    )


def _is_rival(candidate: NotebookCandidate, chosen: NotebookCandidate, group: Candidates) -> bool:
    """Return whether a person should check a candidate that does not count.

    Its name or its attempt may be the later one, or it has a part that no other has, or it is as
    good as the one that counts.
    """
    own: set[str] = set()
    parts: set[int | str] = set()
    for member in group:
        own |= member.work.own
        parts |= member.work.parts

    if candidate.work.own <= own or not candidate.work.parts:
        return False
    if candidate.work.parts - parts:
        return True

    order = candidate.sure_attempt
    chosen_order = chosen.sure_attempt
    if order == chosen_order:
        return 3 * len(candidate.work.parts) >= len(chosen.work.parts)
    return order > chosen_order


def _why_another_counts(candidate: NotebookCandidate, chosen: NotebookCandidate) -> Message:
    is_scratch = candidate.similarity < NEAR * chosen.similarity
    holds_less = len(candidate.work.parts) < len(chosen.work.parts)
    if candidate.submission.sha256 == chosen.submission.sha256:
        reason = "arrived.same"
    elif chosen.is_changed and not candidate.is_changed:
        reason = "arrived.unchanged"
    elif is_scratch or holds_less:
        reason = "arrived.less"
    elif chosen.named.is_main and not candidate.named.is_main:
        reason = "arrived.draft"
    elif candidate.attempt < chosen.attempt:
        reason = "arrived.earlier"
    else:
        reason = "arrived.less"
    return Message(id=reason, params={"file": safe_name(chosen.file.name)})
