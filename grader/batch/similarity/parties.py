"""Who worked together, or handed in several times: their submissions are not compared with each other. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.report import Person, Who


def parties_of(people: Sequence[Who]) -> list[int]:
    """A number per submission: equal for those of one group, and of one student.

    Args:
        people: who each submission is from, as far as is known.
    """
    party = list(range(len(people)))
    first: dict[tuple[str, str], int] = {}
    for place, who in enumerate(people):
        for mark in _marks(who):
            _join(party, place, first.setdefault(mark, place))
    return [_root(party, place) for place in range(len(people))]


def _join(party: list[int], one: int, other: int) -> None:
    roots = sorted((_root(party, one), _root(party, other)))
    party[roots[1]] = roots[0]


def _root(party: list[int], place: int) -> int:
    while party[place] != place:
        party[place] = party[party[place]]
        place = party[place]
    return place


def _marks(who: Who) -> Iterator[tuple[str, str]]:
    """What two submissions of one student, or of one group, have in common."""
    if who.group:
        yield "group", who.group.casefold()
    for person in (who, *who.members):
        yield from _marks_of(person)


def _marks_of(person: Person) -> Iterator[tuple[str, str]]:
    for what in ("name", "id", "email", "login"):
        if known := getattr(person, what).strip().casefold():
            yield what, known
