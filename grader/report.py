"""Describe the report: the outcome of a run. Every other output is made from it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION = "1.0"

ExerciseStatus = Literal[
    "passed", "partial", "failed", "pending", "missing", "not_run", "not_asked", "ungradable"
]
SubmissionStatus = Literal["graded", "unchanged", "unreadable", "wrong_file", "ungradable"]
Source = Literal["", "canvas", "moodle", "gradescope", "blackboard", "nbgrader", "folders"]
Scalar = str | float | int | bool

CauseKind = Literal["student", "machine", "order", "unknown"]
"""Whose doing it is that a cell did not end well.

`student`: their code. `machine`: what the machine lacks, or a limit of the grader. `order`: a name
comes later. `unknown`: the kernel ended, and nothing tells why.
"""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="strings")


class Message(_Model):
    """A message, before it is put into words."""

    id: str
    """Message id; the words are in the catalogues, per language and reader."""
    params: dict[str, Scalar] = {}
    """Parameters of the text."""


class Where(_Model):
    """A place in a student's notebook."""

    cell: int
    """Index among all cells of the notebook, from 0."""
    line: int = 0
    """Line in the cell, from 1; 0: the cell as a whole."""
    source: str = ""
    """The student's line."""
    heading: str = ""
    """The heading above the cell, without its marks; empty if there is none."""


class Evidence(_Model):
    """A value in a submission, and where it is."""

    where: Where
    """Place in the notebook."""
    name: str = ""
    """Name or path of the value: `w`, `m.w`, `losses[0]`; empty if it has none."""
    value: str = ""
    """The value as text, for the instructor."""


class MistakeFound(_Model):
    """A known mistake that explains what a submission computed."""

    id: str
    """Its name in `mistakes.toml`."""
    also: tuple[str, ...] = ()
    """Ids of mistakes that explain it equally well: a student is told none of them then."""
    also_names: tuple[dict[str, str], ...] = ()
    """Their names per language, for the instructor."""
    explains: tuple[str, ...] = ()
    """Ids of the exercises that it explains."""
    name: dict[str, str] = {}
    """Its name per language, for the instructor."""
    happened: dict[str, str] = {}
    """What happened in the student's own lines, per language; empty if nothing is said about it."""
    hint: dict[str, str] = {}
    """What the student should do about it, per language."""


class CheckResult(_Model):
    """The result of one check."""

    check: str
    """Name of the check: `value`, `series`, `function`, `graph` or `text`."""
    message: Message
    """What the check says."""
    found: Evidence | None = None
    """The value that decided, for the instructor."""
    notes: tuple[Message, ...] = ()
    """Further messages."""


class Flag(_Model):
    """Something a person should look at. A flag never costs points by itself."""

    id: Literal[
        "does-not-follow-data",
        "unverified",
        "not-reproducible",
        "forged-events",
        "machine",
        "two-candidates",
    ]
    """Which flag it is."""
    message: Message
    """Why it was raised."""
    evidence: tuple[Evidence, ...] = ()
    """The values concerned."""


class Reviewed(_Model):
    """A person's decision, and the automatic result that it stands in place of."""

    by: str
    """Who decided; never shown to a student."""
    at: str
    """When, as ISO 8601 in UTC."""
    credit: float | None = None
    """Share of the points given; None: the automatic result stands, and its flags are settled."""
    comment: str = ""
    """Comment for the student."""
    reason: str = ""
    """Reason for the staff; never shown to a student."""
    applies: bool = True
    """Whether the decision is in force; a changed answer or flag is pending review again."""
    changed: bool = False
    """Whether the judged answer or result has changed since."""
    automatic_status: ExerciseStatus | None = None
    """For an exercise: the status that the grader gave."""
    automatic_points: float = 0.0
    """The points that the grader gave."""
    automatic_credit: float = 0.0
    """The share of the points that the grader gave, from 0 to 1."""

    @property
    def decides(self) -> bool:
        """Whether its credit stands in place of the automatic one."""
        return self.applies and self.credit is not None


class ExerciseResult(_Model):
    """How one exercise was graded."""

    id: str
    """Its name in `assignment.toml`."""
    title: str
    """Its title."""
    status: ExerciseStatus
    """Whether it passed, and if not, why."""
    points: float
    """Points earned; 0 while pending."""
    max_points: float
    """Points to be had."""
    automatic: bool
    """Whether the grader decides it, rather than a person."""
    credit: float
    """Share of the points earned, from 0 to 1."""
    checks: tuple[CheckResult, ...] = ()
    """What its checks say."""
    mistakes: tuple[MistakeFound, ...] = ()
    """Known mistakes that explain the result, root cause first."""
    flags: tuple[Flag, ...] = ()
    """What a person should look at."""
    review: Reviewed | None = None
    """A person's decision; None if nobody looked at it."""

    @property
    def is_judged(self) -> bool:
        """Whether a person's credit stands in place of the automatic one."""
        return self.review is not None and self.review.decides


class CellProblem(_Model):
    """A cell that did not end well."""

    where: Where
    """The cell."""
    status: Literal["error", "timeout", "died", "flooded", "not_run"]
    """How it ended."""
    error: str = ""
    """Type of the exception; empty if there was none."""
    message: str = ""
    """Message of the exception."""
    limit: Literal["", "memory", "disk", "processes", "open-files"] = ""
    """The limit it met, beside those of time and output; empty if none."""
    cause: CauseKind = "student"
    """Whose doing it is."""
    reason: Message | None = None
    """What the machine lacks, or the limit that was met; None unless the cause is the machine."""


class Execution(_Model):
    """How the notebook ran."""

    seconds: float = 0.0
    """Wall time of all its runs together, in seconds."""
    peak_mib: int | None = None
    """Peak memory of the kernel and its child processes together, in MiB; None if not measured."""
    sandbox: str = ""
    """How it was sandboxed: `bwrap`, `bwrap-cold` or `none`; empty if it did not run."""
    files: tuple[str, ...] = ()
    """Files in its working directory, from the assignment and from the submission."""
    cells: int = 0
    """Number of code cells that are not blank."""
    problems: tuple[CellProblem, ...] = ()
    """Cells that failed or did not run."""
    again: tuple[int, ...] = ()
    """Cells that ran a second time at the end, since a name they need comes later."""
    skipped: tuple[str, ...] = ()
    """Commands that were not run, such as `!pip install`."""
    notes: tuple[Message, ...] = ()
    """Further messages, about random weights, say."""
    ended: Message | None = None
    """What ended the kernel before the last cell; None if nothing did."""


class Person(_Model):
    """A student. What is not known is empty."""

    name: str = ""
    """Name; for a group, the names of all members."""
    id: str = ""
    """Number at the institution."""
    email: str = ""
    """E-mail address."""
    login: str = ""
    """User name."""


class Who(Person):
    """The student a submission is from, according to its names and the roster."""

    source: Source = ""
    """The LMS that gave the download, as its names show; empty for files that were never in one."""
    lms_id: str = ""
    """Number in that download: Canvas user, Moodle participant or Gradescope submission."""
    group: str = ""
    """Name of the group that handed it in."""
    members: tuple[Person, ...] = ()
    """Members of the group, if several handed it in together."""
    late: bool = False
    """Whether the download marks it as late."""
    attempt: str = ""
    """When it was handed in, in ISO 8601; without a zone it is the LMS's own time."""
    in_roster: bool | None = None
    """Whether the student is on the roster; None without a roster."""


class LeftOut(_Model):
    """A file that was handed in and is not a submission by itself."""

    file: str
    """Path relative to the given folder or zip."""
    status: Literal["superseded", "joined", "beside", "ignored", "unreadable"]
    """Why it is no submission by itself.

    `joined`: it holds other exercises than the file that is named, and is graded together with it.
    `beside`: a notebook's code names it.
    """
    reason: Message
    """The same in words."""
    submission: str = ""
    """Id of a submission by the same student; empty if there is none."""


class SubmissionResult(_Model):
    """How one submission was graded."""

    id: str
    """Stable id made from the file's path; the stored trace has it too."""
    student: str
    """The student's name if it is known, otherwise the name of the file or its folder."""
    who: Who = Who()
    """The student."""
    file: str
    """Path relative to the given folder or zip."""
    sha256: str
    """Hash of the file; empty if it could not be read."""
    status: SubmissionStatus
    """Whether it was graded, and if not, why."""
    assignment: str
    """Name of the assignment."""
    release: str = ""
    """Version of the release that the notebook names; empty if it names none."""
    points: float = 0.0
    """Points earned in exercises that the grader or a person has decided."""
    max_points: float = 0.0
    """Points to be had in these; a pending exercise counts here once it is settled."""
    pending_points: float = 0.0
    """Points to be had in pending exercises."""
    reason: Message | None = None
    """Why it could not be graded; None if it was."""
    exercises: tuple[ExerciseResult, ...] = ()
    """Results in the order of the assignment; empty if it could not be graded."""
    execution: Execution = Execution()
    """How the notebook ran."""
    flags: tuple[Flag, ...] = ()
    """What a person should look at in the whole submission."""
    review: Reviewed | None = None
    """Set once a person has seen its flags, or the reason why it could not be graded."""


class ExerciseInfo(_Model):
    """An exercise, as the assignment describes it."""

    id: str
    """Its name in `assignment.toml`."""
    title: str
    """Its title."""
    points: float
    """Points to be had."""
    automatic: bool
    """Whether the grader decides it, rather than a person."""
    note: dict[str, str] = {}
    """Note for the instructor, per language."""
    student_note: dict[str, str] = {}
    """Note for the student, per language."""


class AssignmentInfo(_Model):
    """The assignment that submissions belong to."""

    name: str
    """Name of its folder."""
    title: str
    """Its title."""
    language: str
    """Language of the course: `pt` or `en`."""
    version: str
    """Hash of the handout and `assignment.toml`."""
    reference: str
    """Hash of the reference, its variants and its mistakes."""
    max_points: float
    """Points of the exercises that the grader decides."""
    exercises: tuple[ExerciseInfo, ...] = ()
    """Its exercises."""


class GraderInfo(_Model):
    """The grader and its environment."""

    version: str
    """Version of the grader."""
    python: str
    """Version of Python."""
    torch: str
    """Version of torch."""
    sandbox: str
    """The weakest sandbox of the run; empty if no notebook ran.

    `bwrap`: in forks of a fork server. `bwrap-cold`: in a process of its own. `none`: not
    sandboxed, with the rights of the person at the terminal.
    """
    threads: int
    """Threads of torch."""


class Waiting(_Model):
    """A reason of the machine for which submissions wait for a person."""

    reason: Message
    """What the machine lacks, or the limit that was met."""
    submissions: int
    """Number of submissions with an exercise that waits for it."""


class Summary(_Model):
    """The class in numbers."""

    submissions: int = 0
    """Number of submissions."""
    graded: int = 0
    """Number with this status."""
    unreadable: int = 0
    """Number with this status."""
    wrong_file: int = 0
    """Number with this status."""
    unchanged: int = 0
    """Number with this status."""
    ungradable: int = 0
    """Number with this status."""
    mean_points: float | None = None
    """Mean points of the graded and the unchanged submissions; None if there is none."""
    pending_exercises: int = 0
    """Number of exercises pending review."""
    waiting: tuple[Waiting, ...] = ()
    """Reasons of the machine for which submissions wait, the most frequent first."""


class Shared(_Model):
    """A line or a sentence that two submissions share and few others of the class have."""

    left: Where
    """Place in the first submission."""
    right: Where
    """Place in the second submission; the names may differ there."""
    others: int
    """Number of other students who have it."""


class Similar(_Model):
    """Two submissions that are alike without the handout, comments, names and formatting.

    For a person to look at: it costs no points, and does not say who had it from whom.
    """

    submissions: tuple[str, str]
    """Ids of the two."""
    share: float
    """Shared code as a share of the code of the one that has less, from 0 to 1.

    Rare code counts more. Code of the handout or the reference does not count.
    """
    shared: tuple[Shared, ...] = ()
    """What both have and few others, in the order of the first submission."""
    more: int = 0
    """Number of further lines and sentences."""
    answers: tuple[str, ...] = ()
    """Ids of the exercises that both answer in the same words."""


class Sameness(_Model):
    """Code or answers that much of a class shares, which says nothing about any two of them."""

    submissions: tuple[str, ...]
    """Ids of the submissions that share it."""
    compared: int
    """Number of submissions of the assignment that were compared."""
    exercises: tuple[str, ...] = ()
    """Ids of the exercises that they answer in the same words; empty for code."""
    lines: tuple[Where, ...]
    """The lines, or one answer per exercise, in the first of these submissions."""


class Report(_Model):
    """The outcome of a run."""

    schema_version: str = SCHEMA_VERSION
    """Version of this format."""
    grader: GraderInfo
    """The grader and its environment."""
    created: str
    """When, as ISO 8601 in UTC."""
    seconds: float
    """Wall time of the whole run, in seconds."""
    assignments: tuple[AssignmentInfo, ...]
    """The assignments of the submissions."""
    summary: Summary
    """The class in numbers."""
    submissions: tuple[SubmissionResult, ...]
    """The submissions, sorted by file."""
    left_out: tuple[LeftOut, ...] = ()
    """Other files that were handed in, and why they were not graded."""
    absent: tuple[Person, ...] = ()
    """People on the roster who handed in nothing."""
    similar: tuple[Similar, ...] = ()
    """Pairs of similar submissions for a person to look at, most evidence first."""
    similar_left_out: int = 0
    """Number of further pairs."""
    sameness: tuple[Sameness, ...] = ()
    """Code and answers that much of a class shares."""

    def canonical(self) -> dict[str, Any]:
        """Return the report without times, memory and machine: equal for runs on the same input."""
        data = self.model_dump(mode="json")
        del data["created"]
        del data["seconds"]
        del data["grader"]["python"]
        for submission in data["submissions"]:
            _remove_measurements(submission["execution"])
        return data


def _remove_measurements(execution: dict[str, Any]) -> None:
    del execution["seconds"]
    del execution["peak_mib"]
    ended = execution["ended"]
    if ended is not None:
        ended["params"].pop("seconds", None)
