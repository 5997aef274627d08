"""The roster: who is in the class, from a CSV file of whatever columns, and which of them a submission is from."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.errors import GraderError
from grader.notebook.format import safe_name
from grader.report import Person, Who
from grader.submissions.submission import Submission

MAX_BYTES = 16 * 2**20
SEPARATORS = ",;\t|"
LEAST_ID = 4
"""Characters of a number or login that is looked for within the name of a file."""

_HEADINGS: dict[str, tuple[str, ...]] = {
    "lms_id": (
        "identifier",
        "identificador",
        "lms id",
        "canvas id",
        "moodle id",
        "user id",
        "id do usuario",
    ),
    "id": (
        "id number",
        "numero de identificacao",
        "sis user id",
        "student id",
        "student number",
        "matricula",
        "numero de matricula",
        "ra",
        "sid",
        "registro",
        "numero",
        "number",
        "codigo",
        "id",
    ),
    "email": (
        "email",
        "e mail",
        "email address",
        "endereco de email",
        "mail",
        "correio eletronico",
    ),
    "login": (
        "username",
        "login",
        "sis login id",
        "nome de usuario",
        "usuario",
        "user",
        "login id",
        "user name",
    ),
    "first": ("first name", "given name", "primeiro nome", "nome proprio"),
    "last": ("last name", "surname", "family name", "sobrenome", "apelido", "ultimo nome"),
    "name": (
        "name",
        "full name",
        "nome completo",
        "nome",
        "student",
        "student name",
        "aluno",
        "aluna",
        "estudante",
        "nome do aluno",
    ),
}
"""Per thing to know, what the columns of it are called, the surest first; folded: no case, accents or signs."""


@dataclass(frozen=True)
class Row:
    """A student of the roster."""

    person: Person
    lms_id: str = ""


def read_roster(file: Path) -> tuple[Row, ...]:
    """The students of a roster.

    Args:
        file: CSV with a row of headings, in UTF-8, with whatever separator.

    Raises:
        GraderError: it cannot be read, or no column says who somebody is.
    """
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise GraderError(
            f"The roster {file} cannot be read ({error.strerror}).", "Check the path."
        ) from None
    except UnicodeDecodeError:
        raise GraderError(f"The roster {file} is not in UTF-8.", "Save it as CSV UTF-8.") from None
    try:
        table = [
            row
            for row in csv.reader(io.StringIO(text), delimiter=_separator(text))
            if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise GraderError(
            f"The roster {file} is not CSV ({error}).", "Save it as CSV UTF-8."
        ) from None
    columns = _columns(table[0] if table else ())
    if not {"name", "first", "id", "email", "login"} & columns.keys():
        raise GraderError(
            f"No column of the roster {file} has a name, an id, an email or a login.",
            "Head one: name.",
        )
    rows = (_row(row, columns) for row in table[1:])
    return tuple(row for row in rows if any(row.person.model_dump().values()))


def _separator(text: str) -> str:
    heading = text.partition("\n")[0]
    return max(SEPARATORS, key=heading.count)


def _columns(headings: Sequence[str]) -> dict[str, int]:
    """Which column has what. Where Canvas' own `ID` stands beside one of the institution, it is Canvas' number."""
    folded = [" ".join(_tokens(heading)) for heading in headings]
    columns: dict[str, int] = {}
    for what, known in _HEADINGS.items():
        place = next((folded.index(heading) for heading in known if heading in folded), None)
        if place is not None and place not in columns.values():
            columns[what] = place
    if "sis user id" in folded and "id" in folded:
        columns["lms_id"] = folded.index("id")
    return columns


def _row(cells: Sequence[str], columns: Mapping[str, int]) -> Row:
    def cell(what: str) -> str:
        place = columns.get(what, len(cells))
        return safe_name(cells[place]).strip() if place < len(cells) else ""

    name = cell("name") or f"{cell('first')} {cell('last')}".strip()
    if "last" in columns and cell("name") and cell("last") not in name:
        name = f"{name} {cell('last')}"  # Portuguese Moodle heads the first name with `Nome`
    last, comma, first = name.partition(",")
    name = f"{first.strip()} {last.strip()}" if comma else name
    number = re.sub(r"\D", "", cell("lms_id"))
    return Row(Person(name=name, id=cell("id"), email=cell("email"), login=cell("login")), number)


def join(
    submissions: Sequence[Submission], rows: Sequence[Row]
) -> tuple[tuple[Submission, ...], tuple[Person, ...]]:
    """Say of submissions whose they are, and who of the roster handed in nothing.

    Where several of the roster fit, none is taken.
    """
    present: set[int] = set()
    joined = []
    for submission in submissions:
        members = submission.who.members or (submission.who,)
        found = [_of_member(member, submission, rows) for member in members]
        present |= {place for place in found if place is not None}
        joined.append(
            _joined(submission, [None if place is None else rows[place] for place in found])
        )
    absent = tuple(row.person for place, row in enumerate(rows) if place not in present)
    return tuple(joined), absent


def _joined(submission: Submission, found: Sequence[Row | None]) -> Submission:
    who = submission.who
    if not any(found):
        return replace(submission, who=who.model_copy(update={"in_roster": False}))
    if who.members:
        members = tuple(
            row.person if row else member for row, member in zip(found, who.members, strict=True)
        )
        return replace(
            submission, who=who.model_copy(update={"members": members, "in_roster": all(found)})
        )
    row = next(row for row in found if row)
    known = {name: value for name, value in row.person.model_dump().items() if value}
    who = who.model_copy(update={**known, "lms_id": who.lms_id or row.lms_id, "in_roster": True})
    return replace(submission, who=who, student=row.person.name or submission.student)


def _of_member(member: Person, submission: Submission, rows: Sequence[Row]) -> int | None:
    """Which row of the roster a person is, by the surest thing that is known of them."""
    for same in _comparisons(member, submission):
        fitting = [place for place, row in enumerate(rows) if same(row)]
        if fitting:
            return fitting[0] if len(fitting) == 1 else None
    return None


def _comparisons(member: Person, submission: Submission) -> Iterator[Callable[[Row], bool]]:
    who = member if isinstance(member, Who) else Who(**member.model_dump())
    if who.lms_id and who.source in ("canvas", "moodle"):
        yield lambda row: row.lms_id == who.lms_id
    if who.id:
        yield lambda row: row.person.id == who.id
    if who.email:
        yield lambda row: row.person.email.casefold() == who.email.casefold()
    called = who.name or who.login or (submission.student if not who.source else "")
    if called:
        yield lambda row: _is_called(
            called, (row.person.login, row.person.id, row.person.email.partition("@")[0])
        )
        names = _spellings(called)
        yield lambda row: bool(names & _turned(row.person.name))
    if not who.source:
        words = {word for word in _tokens(submission.student) if len(word) >= LEAST_ID}
        yield lambda row: any(
            _tokens(one) and set(_tokens(one)) <= words for one in (row.person.id, row.person.login)
        )


def _is_called(called: str, names: Iterable[str]) -> bool:
    return any(name and name.casefold() == called.casefold() for name in names)


def _tokens(text: str) -> list[str]:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(
        r"[^\W_]+", "".join(letter for letter in letters if not unicodedata.combining(letter))
    )


def _spellings(name: str) -> set[str]:
    """A name in one word, and without the letters that some downloads drop from it."""
    composed = unicodedata.normalize("NFC", name.casefold())
    bare = "".join(letter for letter in composed if letter.isascii() and letter.isalnum())
    return {"".join(_tokens(name)), bare} - {""}


def _turned(name: str) -> set[str]:
    """The spellings of a name with whatever part of it first: Canvas puts the family name there."""
    parts = name.split()
    return {
        one for at in range(len(parts)) for one in _spellings(" ".join((*parts[at:], *parts[:at])))
    }
