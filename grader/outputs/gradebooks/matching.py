"""Finds the row of each submission in a gradebook: by number, by e-mail, else by name. Nothing is guessed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from grader.report import SubmissionResult


@dataclass(frozen=True)
class Entry:
    """A row of a gradebook that is of a person. What it does not say is empty."""

    row: int
    name: str
    id: str = ""
    """The number that the learning platform knows the person by."""
    email: str = ""


@dataclass(frozen=True)
class Matches:
    """Which submission is of which row."""

    pairs: tuple[tuple[Entry, SubmissionResult], ...]
    """By row."""
    without_submission: tuple[str, ...]
    """Names of the rows that no submission is of."""
    without_row: tuple[str, ...]
    """The submissions that are of no row, as `label` names them."""
    ambiguous: tuple[str, ...]
    """The submissions that several rows may be of, or that share a row with another one."""


def match(
    entries: Sequence[Entry],
    submissions: Iterable[SubmissionResult],
    id_of: Callable[[Identity], str],
) -> Matches:
    """Match the rows of a gradebook with submissions.

    Whoever's number is known is looked for by it alone: another number with the same name is another person.

    Args:
        entries: the rows; each has a number.
        submissions: what was handed in.
        id_of: the number that this kind of gradebook knows a person by; empty if it is not known.
    """
    people = [_Person(one, who, id_of(who)) for one in submissions for who in identities(one)]
    matching = _Matching(entries)
    matching.match([person for person in people if person.id], lambda e: e.id, lambda p: p.id)
    unnumbered = [person for person in people if not person.id]
    matching.match(unnumbered, lambda e: e.email.casefold(), lambda p: p.identity.email.casefold())
    matching.match(unnumbered, lambda e: name_key(e.name), lambda p: name_key(p.identity.name))
    return matching.matches(people)


@dataclass(frozen=True, eq=False)
class _Person:
    submission: SubmissionResult
    identity: Identity
    id: str


@dataclass
class _Matching:
    entries: Sequence[Entry]
    found: dict[int, _Person] = field(default_factory=dict)
    """Who was found, by row."""
    contested: set[int] = field(default_factory=set)
    """Rows that may be of several people, or that have the same name as another one."""
    unsure: set[_Person] = field(default_factory=set)

    def match(
        self,
        people: Iterable[_Person],
        of_entry: Callable[[Entry], str],
        of: Callable[[_Person], str],
    ) -> None:
        """Match who is not matched yet by what they share with a row, where nobody else and no other row has it."""
        left = [
            person
            for person in people
            if person not in self.unsure and person not in self.found.values()
        ]
        free = [entry for entry in self.entries if entry.row not in self.found]
        rows = Counter(of_entry(entry) for entry in free)
        holders = Counter(of(person) for person in left)
        by_key = {of_entry(entry): entry.row for entry in free}
        for person in left:
            key = of(person)
            if not key or not rows[key]:
                continue
            if rows[key] == holders[key] == 1 and by_key[key] not in self.contested:
                self.found[by_key[key]] = person
            else:
                self.unsure.add(person)
                self.contested |= {entry.row for entry in free if of_entry(entry) == key}

    def matches(self, people: Sequence[_Person]) -> Matches:
        """What was found, and what not."""
        lost = [p for p in people if p not in self.unsure and p not in self.found.values()]
        alone = [e for e in self.entries if e.row not in self.found and e.row not in self.contested]
        return Matches(
            pairs=tuple(
                (e, self.found[e.row].submission) for e in self.entries if e.row in self.found
            ),
            without_submission=tuple(entry.name or entry.id for entry in alone),
            without_row=_labels(lost),
            ambiguous=_labels(person for person in people if person in self.unsure),
        )


def _labels(people: Iterable[_Person]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label(person.submission) for person in people))


def name_key(name: str) -> str:
    """A name such that `Exemplo, Ana` is `Ana Exemplo`: its words in order, without accents, case and signs."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(sorted(re.findall(r"[^\W_]+", plain)))


def label(submission: SubmissionResult) -> str:
    """A submission as a list names it: whose it is, and its file."""
    name = ", ".join(who.name for who in identities(submission))
    return f"{name} ({submission.file})" if name else submission.file


@dataclass(frozen=True)
class Identity:
    """One person. What is not known is empty."""

    name: str
    canvas_id: str = ""
    """Number of the user, in the column `ID` of Canvas."""
    participant_id: str = ""
    """Number of the participant in a Moodle assignment: `Participant 123`."""
    email: str = ""


def identities(submission: SubmissionResult) -> tuple[Identity, ...]:
    """The people that a submission is of: each of a group; the number that the LMS gave is its owner's alone."""
    who = submission.who
    if who.members:
        return tuple(Identity(member.name, email=member.email) for member in who.members)
    return (
        Identity(
            who.name or submission.student,
            canvas_id=who.lms_id if who.source == "canvas" else "",
            participant_id=who.lms_id if who.source == "moodle" else "",
            email=who.email,
        ),
    )
