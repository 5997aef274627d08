"""Choose the known mistakes that are worth running together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.grading.checks.registry import check_of
from grader.reference.files import ReferenceFiles
from grader.reference.records import COMBINED, StoredMistake


def combinable(solution: ReferenceFiles, mistakes: Mapping[str, StoredMistake]) -> list[str]:
    """List the mistakes that can be made together and affect a common answer, by joined ids.

    Mistakes that change no answer in common explain each answer alone, and each run takes its time.

    Args:
        solution: the mistakes, and the lines that they change.
        mistakes: the values of each.
    """
    changing = _changing(solution, mistakes)
    combinations: list[str] = []
    for names in solution.combinations(changing):
        answers = [set(mistakes[name].answers) for name in names]
        if _meet(answers):
            joined = COMBINED.join(names)
            combinations.append(joined)
    return combinations


def _changing(solution: ReferenceFiles, mistakes: Mapping[str, StoredMistake]) -> list[str]:
    """List the mistakes that change an answer which follows the data."""
    varied: set[str] = set()
    for exercise in solution.assignment.exercises:
        check = check_of(exercise)
        if check.follows_data:
            varied.add(exercise.id)

    changing: list[str] = []
    for name, mistake in mistakes.items():
        if not varied.isdisjoint(mistake.answers):
            changing.append(name)
    return changing


def _meet(sets: Sequence[set[str]]) -> bool:
    """Return whether sets are connected: each overlaps with another one, directly or indirectly."""
    together, *apart = sets
    reached = set(together)
    while apart:
        met = [one for one in apart if not reached.isdisjoint(one)]
        if not met:
            return False
        reached = reached.union(*met)
        apart = [one for one in apart if one not in met]
    return True
