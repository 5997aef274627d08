"""Read the roster, a CSV file with any columns, and match submissions to its students."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.errors import GraderError
from grader.notebook.folding import split_words
from grader.notebook.format import safe_name
from grader.report import Person, Who
from grader.submissions.submission import Submission

MAX_BYTES = 16 * 2**20
"""Bytes that are read of a roster."""

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
        "id de usuario",
    ),
    "id": (
        "id number",
        "numero de identificacao",
        "numero de identificacion",
        "numero de id",
        "sis user id",
        "student id",
        "student number",
        "matricula",
        "numero de matricula",
        "numero de cuenta",
        "numero de control",
        "legajo",
        "expediente",
        "carne",
        "carnet",
        "cedula",
        "dni",
        "id del estudiante",
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
        "correo electronico",
        "direccion de correo",
        "direccion de correo electronico",
        "correo",
    ),
    "login": (
        "username",
        "login",
        "sis login id",
        "nome de usuario",
        "nombre de usuario",
        "usuario",
        "user",
        "login id",
        "user name",
    ),
    "first": (
        *("first name", "given name", "primeiro nome", "nome proprio"),
        *("primer nombre", "nombres", "nombre s"),
    ),
    "last": (
        *("last name", "surname", "family name", "sobrenome", "apelido", "ultimo nome"),
        *("apellidos", "apellido s", "apellido", "primer apellido", "apellido paterno"),
    ),
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
        "nombre completo",
        "nombre y apellidos",
        "apellidos y nombre",
        "apellidos nombre",
        "nombre",
        "estudiante",
        "alumno",
        "alumna",
        "nombre del alumno",
        "nombre del estudiante",
    ),
}
"""Names of columns by their content, the surest first; folded: no case, accents or punctuation."""

_IDENTIFYING = frozenset({"name", "first", "id", "email", "login"})
"""Columns of which a roster needs at least one."""


@dataclass(frozen=True)
class RosterRow:
    """A student of the roster."""

    person: Person
    lms_id: str = ""
    """Number that the LMS gave them."""


def read_roster(file: Path) -> tuple[RosterRow, ...]:
    """Read the students of a roster.

    Args:
        file: CSV with a row of headings, in UTF-8, with any of the usual separators.

    Raises:
        GraderError: it cannot be read, or no column identifies people.
    """
    text = _read_text(file)
    table = _read_table(file, text)

    headings = table[0] if table else ()
    columns = _columns(headings)
    if not _IDENTIFYING & columns.keys():
        raise GraderError(
            f"No column of the roster {file} has a name, an id, an email or a login.",
            "Head one: name.",
        )

    rows: list[RosterRow] = []
    for cells in table[1:]:
        row = _read_row(cells, columns)
        if any(row.person.model_dump().values()):
            rows.append(row)
    return tuple(rows)


def _read_text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise GraderError(
            f"The roster {file} cannot be read ({error.strerror}).",
            "Check the path.",
        ) from None
    except UnicodeDecodeError:
        raise GraderError(
            f"The roster {file} is not in UTF-8.",
            "Save it as CSV UTF-8.",
        ) from None


def _read_table(file: Path, text: str) -> list[list[str]]:
    """Read the nonempty rows of a CSV file."""
    reader = csv.reader(io.StringIO(text), delimiter=_separator(text))
    try:
        return [cells for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise GraderError(
            f"The roster {file} is not CSV ({error}).",
            "Save it as CSV UTF-8.",
        ) from None


def _separator(text: str) -> str:
    heading, _, _ = text.partition("\n")
    return max(SEPARATORS, key=heading.count)


def _columns(headings: Sequence[str]) -> dict[str, int]:
    """Find the index of each known column."""
    folded = [" ".join(split_words(heading)) for heading in headings]

    columns: dict[str, int] = {}
    for field, known_headings in _HEADINGS.items():
        index = _first_index(folded, known_headings)
        if index is not None and index not in columns.values():
            columns[field] = index

    # If there is also an institutional id, Canvas' own `ID` is Canvas' number.
    if "sis user id" in folded and "id" in folded:
        columns["lms_id"] = folded.index("id")
    return columns


def _first_index(headings: Sequence[str], known_headings: Sequence[str]) -> int | None:
    for heading in known_headings:
        if heading in headings:
            return headings.index(heading)
    return None


def _read_row(cells: Sequence[str], columns: Mapping[str, int]) -> RosterRow:
    values: dict[str, str] = {}
    for field in _HEADINGS:
        index = columns.get(field, len(cells))
        cell = ""
        if index < len(cells):
            cell = cells[index]
        values[field] = safe_name(cell).strip()

    person = Person(
        name=_full_name(values, has_last_name="last" in columns),
        id=values["id"],
        email=values["email"],
        login=values["login"],
    )
    digits = re.sub(r"\D", "", values["lms_id"])
    return RosterRow(person, digits)


def _full_name(values: Mapping[str, str], *, has_last_name: bool) -> str:
    """Return a name with the first name first."""
    name = values["name"]
    first = values["first"]
    last = values["last"]
    if not name:
        name = f"{first} {last}".strip()
    elif has_last_name and last not in name:
        name = f"{name} {last}"  # Moodle heads the first name with `Nome`, or `Nombre`

    before, comma, after = name.partition(",")
    if comma:
        name = f"{after.strip()} {before.strip()}"
    return name


def join(
    submissions: Sequence[Submission], rows: Sequence[RosterRow]
) -> tuple[tuple[Submission, ...], tuple[Person, ...]]:
    """Match submissions to students of the roster, and find those without a submission.

    If several rows of the roster fit, none is taken.

    Returns:
        The submissions with the roster's data of their students, and the absent students.
    """
    joined: list[Submission] = []
    present: set[int] = set()
    for submission in submissions:
        members = submission.who.members or (submission.who,)
        member_rows: list[RosterRow | None] = []
        for member in members:
            index = _find_row(member, submission, rows)
            if index is None:
                member_rows.append(None)
            else:
                member_rows.append(rows[index])
                present.add(index)
        joined.append(_with_rows(submission, member_rows))

    absent: list[Person] = []
    for index, row in enumerate(rows):
        if index not in present:
            absent.append(row.person)
    return tuple(joined), tuple(absent)


def _with_rows(submission: Submission, rows: Sequence[RosterRow | None]) -> Submission:
    """Add the roster's data to a submission's students.

    Args:
        submission: the submission.
        rows: one for each member of the group, or one for the student; None if none fits.
    """
    found_rows = [row for row in rows if row is not None]
    if not found_rows:
        who = submission.who.model_copy(update={"in_roster": False})
        return replace(submission, who=who)

    if submission.who.members:
        who = _group_with_rows(submission.who, rows)
        return replace(submission, who=who)

    row = found_rows[0]
    return replace(
        submission,
        who=_student_with_row(submission.who, row),
        student=row.person.name or submission.student,
    )


def _group_with_rows(who: Who, rows: Sequence[RosterRow | None]) -> Who:
    members: list[Person] = []
    for row, member in zip(rows, who.members, strict=True):
        members.append(row.person if row else member)

    update = {
        "members": tuple(members),
        "in_roster": None not in rows,
    }
    return who.model_copy(update=update)


def _student_with_row(who: Who, row: RosterRow) -> Who:
    fields: dict[str, str] = row.person.model_dump()
    known = {name: value for name, value in fields.items() if value}
    update = {
        **known,
        "lms_id": who.lms_id or row.lms_id,
        "in_roster": True,
    }
    return who.model_copy(update=update)


def _find_row(member: Person, submission: Submission, rows: Sequence[RosterRow]) -> int | None:
    """Find the row of a person by the most reliable data there is.

    Returns:
        The index of the row; None if none fits, or several do.
    """
    for fits in _comparisons(member, submission):
        fitting = [index for index, row in enumerate(rows) if fits(row)]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            return None
    return None


Comparison = Callable[[RosterRow], bool]
"""Tells whether a row of the roster is a person's."""


def _comparisons(member: Person, submission: Submission) -> Iterator[Comparison]:
    """List the ways to find a person in the roster, the most reliable first."""
    who = member
    if not isinstance(who, Who):
        who = Who(**member.model_dump())

    if who.lms_id and who.source in ("canvas", "moodle"):
        yield lambda row: row.lms_id == who.lms_id
    if who.id:
        yield lambda row: row.person.id == who.id
    if who.email:
        yield lambda row: _is_same(row.person.email, who.email)

    name = who.name or who.login
    if not name and not who.source:
        name = submission.student
    if name:
        yield lambda row: _has_account(row.person, name)
        yield _has_name(name)

    if not who.source:
        yield _has_id_in(submission.student)


def _is_same(text: str, other: str) -> bool:
    return text.casefold() == other.casefold()


def _has_account(person: Person, name: str) -> bool:
    """Return whether a name is a person's login, id, or the local part of their email."""
    mailbox, _, _ = person.email.partition("@")
    accounts = (person.login, person.id, mailbox)
    return any(account and _is_same(account, name) for account in accounts)


def _has_name(name: str) -> Comparison:
    spellings = _spellings(name)

    def has_name(row: RosterRow) -> bool:
        return not spellings.isdisjoint(_turned_spellings(row.person.name))

    return has_name


def _has_id_in(file_name: str) -> Comparison:
    """Search for a person's number or login among the words of a file's name."""
    words = {word for word in split_words(file_name) if len(word) >= LEAST_ID}

    def has_id(row: RosterRow) -> bool:
        for known in (row.person.id, row.person.login):
            known_words = set(split_words(known))
            if known_words and known_words <= words:
                return True
        return False

    return has_id


def _spellings(name: str) -> set[str]:
    """Return a name as one word: folded, and without letters that some downloads drop."""
    folded = "".join(split_words(name))

    composed = unicodedata.normalize("NFC", name.casefold())
    ascii_signs = [sign for sign in composed if sign.isascii()]
    bare = "".join(sign for sign in ascii_signs if sign.isalnum())

    return {folded, bare} - {""}


def _turned_spellings(name: str) -> set[str]:
    """Return a name with each of its parts first: Canvas puts the family name first."""
    parts = name.split()
    spellings: set[str] = set()
    for start in range(len(parts)):
        turned = parts[start:] + parts[:start]
        spellings |= _spellings(" ".join(turned))
    return spellings
