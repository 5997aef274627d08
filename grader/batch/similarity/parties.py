"""Find who worked together or handed in several times: they are not compared. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.report import Person, Who

Mark = tuple[str, str]
"""Something known of a student, or of a group, and its kind."""


def parties_of(people: Sequence[Who]) -> list[int]:
    """Number the parties of a class.

    Args:
        people: who each submission is from, as far as is known.

    Returns:
        A number for each submission: equal for those of one group, and of one student.
    """
    parents = list(range(len(people)))
    first_with: dict[Mark, int] = {}
    for index, who in enumerate(people):
        for mark in _marks(who):
            first = first_with.setdefault(mark, index)
            _join(parents, index, first)

    return [_root(parents, index) for index in range(len(people))]


def _join(parents: list[int], index: int, other: int) -> None:
    """Join the parties of two submissions; the lower root stays."""
    root = _root(parents, index)
    other_root = _root(parents, other)
    if root < other_root:
        parents[other_root] = root
    else:
        parents[root] = other_root


def _root(parents: list[int], index: int) -> int:
    """Return the submission that represents the party of another."""
    while True:
        parent = parents[index]
        if parent == index:
            return index

        grandparent = parents[parent]
        parents[index] = grandparent  # shortens the way for the next time
        index = grandparent


def _marks(who: Who) -> Iterator[Mark]:
    """List the identifiers that submissions of one student, or of one group, have in common."""
    if who.group:
        yield "group", who.group.casefold()

    yield from _marks_of_person(who)
    for member in who.members:
        yield from _marks_of_person(member)


def _marks_of_person(person: Person) -> Iterator[Mark]:
    known = {
        "name": person.name,
        "id": person.id,
        "email": person.email,
        "login": person.login,
    }
    for kind, text in known.items():
        folded = text.strip().casefold()
        if folded:
            yield kind, folded
