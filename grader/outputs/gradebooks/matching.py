"""Find the row of each submission in a gradebook: by number, by email, or else by name.

Nothing is guessed: if several rows or people match, they are listed as ambiguous.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from grader.outputs.gradebooks.identifiers import Identifiers, identifiers_of, submission_label
from grader.report import SubmissionResult


@dataclass(frozen=True)
class GradebookEntry:
    """A person's row of a gradebook. Missing fields are empty."""

    row: int
    name: str
    id: str = ""
    """The number that the learning platform knows the person by."""
    email: str = ""


MatchedPair = tuple[GradebookEntry, SubmissionResult]


@dataclass(frozen=True)
class Matches:
    """The rows of submissions."""

    pairs: tuple[MatchedPair, ...] = ()
    """By row."""
    without_submission: tuple[str, ...] = ()
    """Names of the rows that have no submission."""
    without_row: tuple[str, ...] = ()
    """Labels of the submissions that have no row."""
    ambiguous: tuple[str, ...] = ()
    """Labels of the submissions that several rows may belong to, or that share a row."""


def match(
    entries: Sequence[GradebookEntry],
    submissions: Iterable[SubmissionResult],
    id_of: Callable[[Identifiers], str],
) -> Matches:
    """Match the rows of a gradebook with submissions.

    A person with a known number is matched by that alone: another number with the same name is
    another person.

    Args:
        entries: the rows; each has a number.
        submissions: what was handed in.
        id_of: returns the number by which this kind of gradebook identifies a person; empty if
            unknown.
    """
    people = _people(submissions, id_of)
    numbered = [person for person in people if person.id]
    unnumbered = [person for person in people if not person.id]

    matching = _Matching(entries)
    # The order is the rule: a weaker key only sees the rows that a stronger one left free.
    matching.match(numbered, _entry_id, _person_id)
    matching.match(unnumbered, _entry_email, _person_email)
    matching.match(unnumbered, _entry_name, _person_name)
    return matching.matches(people)


def name_key(name: str) -> str:
    """Normalise a name so that `Exemplo, Ana` equals `Ana Exemplo`.

    Its words are put in order, without accents, case and signs.
    """
    letters = unicodedata.normalize("NFKD", name.casefold())
    base_letters = ""
    for letter in letters:
        if not unicodedata.combining(letter):
            base_letters += letter

    words = re.findall(r"[^\W_]+", base_letters)
    return " ".join(sorted(words))


@dataclass(frozen=True, eq=False)
class _SubmissionPerson:
    submission: SubmissionResult
    identifiers: Identifiers
    id: str


def _people(
    submissions: Iterable[SubmissionResult],
    id_of: Callable[[Identifiers], str],
) -> list[_SubmissionPerson]:
    people = []
    for submission in submissions:
        for identifiers in identifiers_of(submission):
            person_id = id_of(identifiers)
            person = _SubmissionPerson(submission, identifiers, person_id)
            people.append(person)
    return people


def _entry_id(entry: GradebookEntry) -> str:
    return entry.id


def _entry_email(entry: GradebookEntry) -> str:
    return entry.email.casefold()


def _entry_name(entry: GradebookEntry) -> str:
    return name_key(entry.name)


def _person_id(person: _SubmissionPerson) -> str:
    return person.id


def _person_email(person: _SubmissionPerson) -> str:
    return person.identifiers.email.casefold()


def _person_name(person: _SubmissionPerson) -> str:
    return name_key(person.identifiers.name)


@dataclass
class _Matching:
    entries: Sequence[GradebookEntry]
    person_by_row: dict[int, _SubmissionPerson] = field(default_factory=dict)
    contested_rows: set[int] = field(default_factory=set)
    """Rows that may belong to several people, or that have the same name as another one."""
    ambiguous: set[_SubmissionPerson] = field(default_factory=set)

    def match(
        self,
        people: Iterable[_SubmissionPerson],
        entry_key: Callable[[GradebookEntry], str],
        person_key: Callable[[_SubmissionPerson], str],
    ) -> None:
        """Match people without a row to rows with the same key.

        A key that several people or several rows have matches nobody: all of them are ambiguous.
        """
        remaining = self._without_row(people)
        free = [entry for entry in self.entries if entry.row not in self.person_by_row]
        row_counts = Counter(entry_key(entry) for entry in free)
        person_counts = Counter(person_key(person) for person in remaining)
        row_by_key = {entry_key(entry): entry.row for entry in free}

        for person in remaining:
            key = person_key(person)
            if not key or not row_counts[key]:
                continue

            row = row_by_key[key]
            is_unique = row_counts[key] == person_counts[key] == 1
            if is_unique and row not in self.contested_rows:
                self.person_by_row[row] = person
            else:
                self.ambiguous.add(person)
                self.contested_rows |= {entry.row for entry in free if entry_key(entry) == key}

    def matches(self, people: Sequence[_SubmissionPerson]) -> Matches:
        """List who was matched, and who was not."""
        pairs = []
        names_without = []
        for entry in self.entries:
            person = self.person_by_row.get(entry.row)
            if person is not None:
                pair = (entry, person.submission)
                pairs.append(pair)
            elif entry.row not in self.contested_rows:
                names_without.append(entry.name or entry.id)

        ambiguous = [person for person in people if person in self.ambiguous]
        return Matches(
            pairs=tuple(pairs),
            without_submission=tuple(names_without),
            without_row=_labels(self._without_row(people)),
            ambiguous=_labels(ambiguous),
        )

    def _without_row(self, people: Iterable[_SubmissionPerson]) -> list[_SubmissionPerson]:
        decided = self.ambiguous.union(self.person_by_row.values())
        return [person for person in people if person not in decided]


def _labels(people: Iterable[_SubmissionPerson]) -> tuple[str, ...]:
    labels = [submission_label(person.submission) for person in people]
    return tuple(dict.fromkeys(labels))
