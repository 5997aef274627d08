"""Find the owners of files by their names: in bulk downloads, and in folders of students.

The layouts are those of the systems' own downloads: Canvas and Blackboard name the files, Moodle
and Brightspace folders or files, Sakai folders; Gradescope numbers folders beside a list. Pure: it
reads names, no files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePosixPath
from types import MappingProxyType

from grader.notebook.format import safe_name
from grader.report import Who
from grader.submissions.paths import NOTEBOOK, Parts
from grader.submissions.student_folders import folders_of_students

RECEIPT = "receipt.txt"
"""Name for a system's own note on an attempt: Blackboard and Sakai write one."""

SUBMITTED = "submitted"
"""nbgrader's folder of submissions."""

_CANVAS = re.compile(
    r"(?P<name>[^_]+)(?P<late>_late)?_(?P<user>\d+)"
    r"_(?:(?P<attachment>\d+)_(?P<file>.+)|(?P<page>[a-z]+\.html))",
    re.IGNORECASE,
)
_MOODLE = re.compile(
    r"(?P<name>[^_]*)_(?P<participant>\d+)"
    r"_assign(?:submission|feedback)_(?P<plugin>[a-z]+)_?(?P<file>.*)",
    re.IGNORECASE,
)
_BLACKBOARD = re.compile(
    r"(?:.*_)?(?P<login>[^_]+)"
    r"_attempt_(?P<day>\d{4}-\d\d-\d\d)-(?P<h>\d\d)-(?P<m>\d\d)-(?P<s>\d\d)"
    r"(?:_(?P<file>.+)|(?P<receipt>\.txt))",
    re.IGNORECASE,
)
_BRIGHTSPACE = re.compile(
    r"(?P<user>\d+)-\d+ - (?P<name>.+?) ?- (?P<time>\w+ \d{1,2}, \d{4} \d{1,2}:?\d\d [AP]M)"
    r"(?: - (?P<file>.+))?"
)
_BRIGHTSPACE_TIMES = ("%b %d, %Y %I%M %p", "%B %d, %Y %I%M %p")
_SAKAI = re.compile(r"(?P<last>[^,()]+), (?P<first>[^()]+)\((?P<login>[^()]+)\)")
_SAKAI_FILES = "Submission attachment(s)"
_SAKAI_RECEIPT = "timestamp.txt"
_GRADESCOPE = re.compile(r"submission_(?P<submission>\d+)")
_EXPORT = re.compile(r"assignment_\d+_export")

_BLIND = re.compile(r"(?:Particip\w+|anon\w*)", re.IGNORECASE)
"""Replacements of names in blind grading, in Moodle's languages and in Canvas."""

_COPY = re.compile(r"(?P<name>.+?)(?:-(?P<hyphen>\d{1,3})| ?\((?P<brackets>\d{1,3})\))")
"""A name with the number that Canvas and browsers add to a file handed in or saved again."""


@dataclass(frozen=True)
class Ownership:
    """The owner of a file, and the file's name among the owner's files."""

    owner: str
    """Files with one owner are of one student, or of one group."""
    file: str
    """Its path among the files of the same owner."""
    who: Who = field(default_factory=Who)
    """The owner, as far as the names tell."""
    order: tuple[str, int] = ("", 0)
    """A later attempt has a greater one."""
    is_single: bool = False
    """Whether only its own name tells the owner, so that it is a submission by itself."""


People = Mapping[str, Who]
"""The students of Gradescope's numbered submissions."""

NOBODY: People = MappingProxyType({})


def find_owners(
    names: Mapping[Parts, str], people: People = NOBODY, notebooks: Set[Parts] = frozenset()
) -> dict[Parts, Ownership]:
    """Find the owners of the files of a class.

    Args:
        names: paths of the files by their parts, each with the name of the folder or zip that it
            begins in.
        people: who handed in the numbered submissions of Gradescope.
        notebooks: those that are notebooks under another ending.
    """
    in_downloads: dict[Parts, Ownership] = {}
    for parts, above in names.items():
        found = owner_in_download((above, *parts), people)
        if found:
            in_downloads[parts] = found

    in_downloads = _with_groups(in_downloads)
    others: list[Parts] = []
    for parts in names:
        if parts in notebooks:
            *folders, name = parts
            others.append((*folders, name + NOTEBOOK))
        elif parts not in in_downloads:
            others.append(parts)
    students = set(folders_of_students(others))

    owners: dict[Parts, Ownership] = {}
    for parts in names:
        ownership = in_downloads.get(parts)
        if ownership is None:
            ownership = _owner_by_folder(parts, students)
        owners[parts] = ownership
    return owners


def owner_in_download(parts: Parts, people: People = NOBODY) -> Ownership | None:
    """Find the owner of a file by a name in its path, as in a bulk download; else None.

    Args:
        parts: the parts of its path.
        people: who handed in the numbered submissions of Gradescope.
    """
    for depth, part in enumerate(parts):
        above = parts[:depth]
        below = parts[depth + 1 :]

        for read_name in _NAME_READERS:
            ownership = read_name(part, below)
            if ownership:
                return ownership

        numbered = _GRADESCOPE.fullmatch(part)
        if numbered and below and (people or _is_export(above)):
            return _in_gradescope(numbered["submission"], below, people)

        if part == SUBMITTED and len(below) > 2:
            return _in_nbgrader(below)

    return None


def _is_export(above: Parts) -> bool:
    """Return whether a path is inside a Gradescope export."""
    if not above:
        return False
    return _EXPORT.match(above[-1]) is not None


def _in_gradescope(number: str, below: Parts, people: People) -> Ownership:
    who = people.get(number, Who())
    return Ownership(
        owner=f"gradescope:{number}",
        file="/".join(below),
        who=who.model_copy(update={"source": "gradescope", "lms_id": number}),
        order=(who.attempt, int(number)),
    )


def _in_nbgrader(below: Parts) -> Ownership:
    login, *rest = below
    return Ownership(
        owner=f"nbgrader:{login}",
        file="/".join(rest),
        who=Who(source="nbgrader", login=safe_name(login)),
    )


def _in_canvas(part: str, below: Parts) -> Ownership | None:
    match = _CANVAS.fullmatch(part)
    if not match:
        return None

    user = match["user"]
    file = match["file"] or match["page"]
    attachment = match["attachment"] or 0
    who = Who(
        source="canvas",
        lms_id=user,
        name=_shown_name(match["name"]),
        late=bool(match["late"]),
    )
    return Ownership(
        owner=f"canvas:{user}",
        file=_path_below(file, below),
        who=who,
        order=("", int(attachment)),
    )


def _in_moodle(part: str, below: Parts) -> Ownership | None:
    match = _MOODLE.fullmatch(part)
    if not match:
        return None

    participant = match["participant"]
    file = match["file"]
    if not file and not below:
        return None

    who = Who(
        source="moodle",
        lms_id=participant,
        name=_shown_name(match["name"]).strip(),
    )
    return Ownership(
        owner=f"moodle:{participant}",
        file=_path_below(file, below),
        who=who,
    )


def _in_blackboard(part: str, below: Parts) -> Ownership | None:
    match = _BLACKBOARD.fullmatch(part)
    if not match:
        return None

    login = match["login"]
    file = match["file"] or RECEIPT
    day = match["day"]
    time = ":".join(match.group("h", "m", "s"))
    attempt = f"{day}T{time}"
    who = Who(
        source="blackboard",
        login=safe_name(login),
        attempt=attempt,
    )
    return Ownership(
        owner=f"blackboard:{login}",
        file=_path_below(file, below),
        who=who,
        order=(attempt, 0),
    )


def _in_brightspace(part: str, below: Parts) -> Ownership | None:
    match = _BRIGHTSPACE.fullmatch(part)
    if not match:
        return None

    user = match["user"]
    file = match["file"] or ""
    if not file and not below:
        return None

    attempt = _brightspace_time(match["time"])
    who = Who(
        source="brightspace",
        lms_id=user,
        name=_shown_name(match["name"]),
        attempt=attempt,
    )
    return Ownership(
        owner=f"brightspace:{user}",
        file=_path_below(file, below),
        who=who,
        order=(attempt, 0),
    )


def _brightspace_time(text: str) -> str:
    """Convert `Nov 28, 2026 1105 PM` to ISO 8601; empty if it is written in another way."""
    digits = text.replace(":", "")
    date, hour_minute, half = digits.rsplit(" ", 2)
    padded = f"{date} {hour_minute.zfill(4)} {half}"
    for form in _BRIGHTSPACE_TIMES:
        try:
            return datetime.strptime(padded, form).isoformat()
        except ValueError:
            continue
    return ""


def _in_sakai(part: str, below: Parts) -> Ownership | None:
    match = _SAKAI.fullmatch(part)
    if not match:
        return None
    if below == (_SAKAI_RECEIPT,):
        file = RECEIPT
    elif len(below) > 1 and below[0] == _SAKAI_FILES:
        file = "/".join(below[1:])
    else:
        return None

    login = match["login"]
    first = match["first"].strip()
    last = match["last"].strip()
    who = Who(
        source="sakai",
        login=safe_name(login),
        name=_shown_name(f"{first} {last}"),
    )
    return Ownership(
        owner=f"sakai:{login}",
        file=file,
        who=who,
    )


NameReader = Callable[[str, Parts], Ownership | None]
"""Takes a part of a path, and the parts below it."""

_NAME_READERS: tuple[NameReader, ...] = (
    _in_blackboard,
    _in_moodle,
    _in_brightspace,
    _in_sakai,
    _in_canvas,
)


def _shown_name(name: str) -> str:
    """Return a name that is safe to show; empty for the placeholder of blind grading."""
    if _BLIND.fullmatch(name):
        return ""
    return safe_name(name)


def _path_below(file: str, below: Parts) -> str:
    """Return a path among a student's files.

    Files from a zip are below the zip's name without its extension.
    """
    parts = [file, *below]
    return "/".join(part for part in parts if part)


def _owner_by_folder(parts: Parts, students: Set[Parts]) -> Ownership:
    """Find the owner of a file by the student's folder it is in."""
    for depth in range(1, len(parts)):
        folder = parts[:depth]
        if folder in students:
            return Ownership(
                owner="/".join(folder),
                file="/".join(parts[depth:]),
                who=Who(source="folders", name=safe_name(folder[-1])),
            )

    path = "/".join(parts)
    return Ownership(owner=path, file=path, is_single=True)


def _with_groups(owners: Mapping[Parts, Ownership]) -> dict[Parts, Ownership]:
    """Split `Group-Name`, which Moodle puts before a name in group submissions.

    Only if every name of the download has a hyphen, and several have the same group: else it is a
    double name.
    """
    names: dict[str, str] = {}
    for ownership in owners.values():
        if ownership.who.source == "moodle":
            names[ownership.owner] = ownership.who.name

    groups: list[str] = []
    for name in names.values():
        group, _, member = name.partition("-")
        if member:
            groups.append(group)

    different = set(groups)
    if len(groups) < len(names):
        return dict(owners)
    if len(different) == len(groups):
        return dict(owners)

    with_groups: dict[Parts, Ownership] = {}
    for parts, ownership in owners.items():
        if ownership.owner in names:
            with_groups[parts] = _in_group(ownership)
        else:
            with_groups[parts] = ownership
    return with_groups


def _in_group(ownership: Ownership) -> Ownership:
    who = ownership.who
    group, _, name = who.name.partition("-")
    update = {
        "group": group.strip(),
        "name": name.strip(),
    }
    return replace(ownership, who=who.model_copy(update=update))


def original_names(file: str) -> Iterator[str]:
    """List the names that a student may have given a file.

    Its own comes first, then that without the number that a file gets if it is handed in again.
    """
    yield file

    path = PurePosixPath(file)
    copy = _COPY.fullmatch(path.stem)
    if copy:
        name = copy["name"].strip()
        yield str(path.with_name(f"{name}{path.suffix}"))


def copy_number(file: str) -> int:
    """Return the number of a file that was submitted or saved again; 0 if it has none."""
    copy = _COPY.fullmatch(PurePosixPath(file).stem)
    if not copy:
        return 0
    return int(copy["hyphen"] or copy["brackets"])
