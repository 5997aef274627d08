"""Assign files without content of an assignment to one of the class's assignments. Pure.

An empty or foreign file must not change the language and the gradebook of the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from grader.assignment import Assignment
from grader.messages import Language, common_language
from grader.notebook.folding import fold_words
from grader.submissions.identify import identify
from grader.submissions.paths import stem_of
from grader.submissions.submission import Submission


def assignments_of_class(
    submissions: Sequence[Submission], assignments: Sequence[Assignment]
) -> dict[str, str]:
    """Return the name of the assignment of each submission, by the submission's id.

    That of a file that cannot be read, or has nothing of any handout, is the one that most others
    have; of several that as many have, the one that the file is named after, or else the first.
    """
    by_content: dict[str, str] = {}
    for submission in submissions:
        if submission.problem is None:
            assignment, similarity = identify(submission, assignments)
            if similarity > 0:
                by_content[submission.id] = assignment.name

    counts = Counter(by_content.values())
    most = max(counts.values(), default=0)
    common = [each for each in assignments if counts[each.name] == most]

    names: dict[str, str] = {}
    for submission in submissions:
        by_name = _named_after(submission, common)
        names[submission.id] = by_content.get(submission.id, by_name)
    return names


def language_of_class(
    submissions: Sequence[Submission], assignments: Sequence[Assignment]
) -> Language:
    """Return the language of the assignments that submissions belong to."""
    names = set(assignments_of_class(submissions, assignments).values())
    return common_language(each.language for each in assignments if each.name in names)


def _named_after(submission: Submission, assignments: Sequence[Assignment]) -> str:
    """Return the assignment that a file is named after; the first if there is none."""
    words = fold_words(submission.file)
    for assignment in assignments:
        handout = stem_of(assignment.handout_name)
        if any(fold_words(name) in words for name in (assignment.name, handout) if name):
            return assignment.name
    return assignments[0].name
