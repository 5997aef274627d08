"""What the names of files say of who handed them in: the layouts of bulk downloads, and one folder per student. Pure.

The layouts are those that the makers' own downloads have: Canvas and Blackboard put it into the names of files, Moodle
into those of folders or files, Gradescope into numbered folders beside a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from types import MappingProxyType

from grader.notebook.format import safe_name
from grader.report import Who
from grader.submissions.student_folders import folders_of_students

Parts = tuple[str, ...]

_CANVAS = re.compile(
    r"(?P<name>[^_]+)(?P<late>_late)?_(?P<user>\d+)_(?:(?P<attachment>\d+)_(?P<file>.+)|(?P<page>[a-z]+\.html))",
    re.IGNORECASE,
)
_MOODLE = re.compile(
    r"(?P<name>[^_]*)_(?P<participant>\d+)_assign(?:submission|feedback)_(?P<plugin>[a-z]+)_?(?P<file>.*)",
    re.IGNORECASE,
)
_BLACKBOARD = re.compile(
    r"(?:.*_)?(?P<login>[^_]+)_attempt_(?P<day>\d{4}-\d\d-\d\d)-(?P<h>\d\d)-(?P<m>\d\d)-(?P<s>\d\d)"
    r"(?:_(?P<file>.+)|(?P<receipt>\.txt))",
    re.IGNORECASE,
)
_GRADESCOPE = re.compile(r"submission_(?P<submission>\d+)")
_EXPORT = re.compile(r"assignment_\d+_export")
_BLIND = re.compile(r"(?:Particip\w+|anon\w*)", re.IGNORECASE)
"""What stands in place of a name where work is graded blind, in Moodle's languages and in Canvas."""

RECEIPT = "receipt.txt"
"""What Blackboard's own note on an attempt is called here."""
SUBMITTED = "submitted"
"""nbgrader's folder of what was handed in."""


@dataclass(frozen=True)
class Place:
    """Where a file stands in a class."""

    owner: str
    """Files of one owner are of one student, or of one group."""
    file: str
    """Its path among the files of the same owner."""
    who: Who = field(default_factory=Who)
    order: tuple[str, int] = ("", 0)
    """A later attempt has a greater one."""
    alone: bool = False
    """Whether nothing says whose it is but its own name."""


def places(
    names: Mapping[Parts, str], people: Mapping[str, Who] | None = None
) -> dict[Parts, Place]:
    """Where files stand in a class.

    Args:
        names: their paths, by parts, and the name of the folder or zip that each path begins in.
        people: who handed in the numbered submissions of Gradescope.
    """
    read = {parts: in_download((above, *parts), people or {}) for parts, above in names.items()}
    found = _with_groups({parts: place for parts, place in read.items() if place})
    students = set(folders_of_students([parts for parts in names if parts not in found]))
    return {parts: found.get(parts) or _in_folder(parts, students) for parts in names}


def in_download(parts: Parts, people: Mapping[str, Who] = MappingProxyType({})) -> Place | None:
    """Where a file stands if a part of its path is named as a bulk download names it; None if none is."""
    for depth, part in enumerate(parts):
        rest, last = parts[depth + 1 :], depth == len(parts) - 1
        for reading in _READINGS:
            if place := reading(part, rest):
                return place
        if (
            (found := _GRADESCOPE.fullmatch(part))
            and not last
            and (people or _exported(parts[:depth]))
        ):
            return _gradescope(found["submission"], rest, people)
        if part == SUBMITTED and len(rest) > 2:
            name = safe_name(rest[0])
            return Place(
                f"nbgrader:{rest[0]}", "/".join(rest[1:]), Who(source="nbgrader", login=name)
            )
    return None


def _exported(above: Parts) -> bool:
    return bool(above) and bool(_EXPORT.match(above[-1]))


def _gradescope(number: str, rest: Parts, people: Mapping[str, Who]) -> Place:
    who = people.get(number, Who()).model_copy(update={"source": "gradescope", "lms_id": number})
    return Place(f"gradescope:{number}", "/".join(rest), who, order=(who.attempt, int(number)))


def _canvas(part: str, rest: Parts) -> Place | None:
    found = _CANVAS.fullmatch(part)
    if not found:
        return None
    blind = bool(_BLIND.fullmatch(found["name"]))
    who = Who(
        source="canvas",
        lms_id=found["user"],
        name="" if blind else safe_name(found["name"]),
        late=bool(found["late"]),
    )
    file = found["file"] or found["page"]
    return Place(
        f"canvas:{found['user']}",
        _below(file, rest),
        who,
        order=("", int(found["attachment"] or 0)),
    )


def _moodle(part: str, rest: Parts) -> Place | None:
    found = _MOODLE.fullmatch(part)
    if not found or not (found["file"] or rest):
        return None
    name = "" if _BLIND.fullmatch(found["name"]) else safe_name(found["name"]).strip()
    who = Who(source="moodle", lms_id=found["participant"], name=name)
    return Place(f"moodle:{found['participant']}", _below(found["file"], rest), who)


def _blackboard(part: str, rest: Parts) -> Place | None:
    found = _BLACKBOARD.fullmatch(part)
    if not found:
        return None
    attempt = f"{found['day']}T{found['h']}:{found['m']}:{found['s']}"
    who = Who(source="blackboard", login=safe_name(found["login"]), attempt=attempt)
    return Place(
        f"blackboard:{found['login']}",
        _below(found["file"] or RECEIPT, rest),
        who,
        order=(attempt, 0),
    )


_READINGS: tuple[Callable[[str, Parts], Place | None], ...] = (_blackboard, _moodle, _canvas)


def _below(file: str, rest: Parts) -> str:
    """A path among a student's files; what was in a zip stands below its name without the ending."""
    return "/".join(part for part in (file, *rest) if part)


def _in_folder(parts: Parts, students: Set[Parts]) -> Place:
    for depth in range(1, len(parts)):
        if parts[:depth] in students:
            who = Who(source="folders", name=safe_name(parts[depth - 1]))
            return Place("/".join(parts[:depth]), "/".join(parts[depth:]), who)
    return Place("/".join(parts), "/".join(parts), alone=True)


def _with_groups(found: Mapping[Parts, Place]) -> dict[Parts, Place]:
    """Take apart `Group-Name`, which Moodle puts before a name where groups hand in.

    Only if every name of the download has a hyphen, and several have the same group: else it is a double name.
    """
    of_moodle = {
        place.owner: place.who.name for place in found.values() if place.who.source == "moodle"
    }
    groups = [name.partition("-")[0] for name in of_moodle.values() if name.partition("-")[2]]
    if len(groups) < len(of_moodle) or len(set(groups)) == len(groups):
        return dict(found)
    return {
        parts: _in_group(place) if place.owner in of_moodle else place
        for parts, place in found.items()
    }


def _in_group(place: Place) -> Place:
    group, _, name = place.who.name.partition("-")
    return replace(
        place, who=place.who.model_copy(update={"group": group.strip(), "name": name.strip()})
    )


def names_in_turn(file: str) -> Iterator[str]:
    """The names that a student may have given a file: its own, and without what tells a resubmission apart."""
    yield file
    path = PurePosixPath(file)
    if bare := _COPY.fullmatch(path.stem):
        yield str(path.with_name(f"{bare['name'].strip()}{path.suffix}"))


def copy_number(file: str) -> int:
    """The number that Canvas and browsers put before the ending of a file that is handed in or saved again."""
    found = _COPY.fullmatch(PurePosixPath(file).stem)
    return int(found["hyphen"] or found["brackets"]) if found else 0


_COPY = re.compile(r"(?P<name>.+?)(?:-(?P<hyphen>\d{1,3})| ?\((?P<brackets>\d{1,3})\))")
