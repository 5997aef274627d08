"""Define a submission's part of the report: student, exercises, evidence and run."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

ExerciseStatus = Literal[
    "passed", "partial", "failed", "pending", "missing", "not_run", "not_asked", "ungradable"
]
SubmissionStatus = Literal["graded", "unchanged", "unreadable", "wrong_file", "ungradable"]
Source = Literal[
    "",
    "canvas",
    "moodle",
    "gradescope",
    "blackboard",
    "brightspace",
    "sakai",
    "nbgrader",
    "folders",
]
Scalar = str | float | int | bool

ByLanguage = dict[str, str]
"""A text in several languages, by code."""

Texts = tuple[str, ...]
"""Names, ids or texts in their order."""

CauseKind = Literal["student", "machine", "order", "unknown"]
"""Cause of a cell's failure.

`student`: their code. `machine`: a missing resource of the machine, or a limit of the grader.
`order`: a name is defined later. `unknown`: the kernel ended for an unknown reason.
"""


class ReportModel(BaseModel):
    """A part of the report: unknown fields are errors, and its JSON has no NaN."""

    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="strings")


class Message(ReportModel):
    """A message as id and parameters, before it is worded."""

    id: str
    """Message id; the words are in the catalogues, per language and reader."""
    params: dict[str, Scalar] = {}
    """Parameters of the text."""


Messages = tuple[Message, ...]
"""Several messages in their order."""


class Where(ReportModel):
    """A place in a student's notebook."""

    cell: int
    """Index among all cells of the notebook, from 0."""
    line: int = 0
    """Line in the cell, from 1; 0: the cell as a whole."""
    source: str = ""
    """The student's line."""
    heading: str = ""
    """The heading above the cell, without its marks; empty if there is none."""


class Evidence(ReportModel):
    """A value in a submission, and where it is."""

    where: Where
    """Place in the notebook."""
    name: str = ""
    """Name or path of the value: `w`, `m.w`, `losses[0]`; empty if it has none."""
    value: str = ""
    """The value as text, for the instructor."""


class MistakeFound(ReportModel):
    """A known mistake that explains a submission's values."""

    id: str
    """Its name in `mistakes.toml`."""
    also: Texts = ()
    """Ids of mistakes that explain it equally well: students are then told none of them."""
    also_names: tuple[ByLanguage, ...] = ()
    """Their names per language, for the instructor."""
    explains: Texts = ()
    """Ids of the exercises that it explains."""
    name: ByLanguage = {}
    """Its name per language, for the instructor."""
    happened: ByLanguage = {}
    """What happened in the student's own lines, per language; empty if there is no such text."""
    hint: ByLanguage = {}
    """Advice for the student, per language."""


class CheckResult(ReportModel):
    """The result of one check."""

    check: str
    """Name of the check: `value`, `series`, `function`, `graph` or `text`."""
    message: Message
    """Message of the check."""
    found: Evidence | None = None
    """The value that decided, for the instructor."""
    notes: Messages = ()
    """Further messages."""


class Flag(ReportModel):
    """Something a person should look at. A flag never costs points by itself."""

    id: Literal[
        "does-not-follow-data",
        "unverified",
        "not-reproducible",
        "forged-events",
        "machine",
        "two-candidates",
        "too-many-candidates",
        "several-answers",
        "tampering",
    ]
    """Which flag it is."""
    message: Message
    """Why it was raised."""
    evidence: tuple[Evidence, ...] = ()
    """The values concerned."""


Flags = tuple[Flag, ...]
"""Several flags in their order."""


class RubricLine(ReportModel):
    """A copy of a rubric item that a review applied."""

    id: str
    """Names the item within its exercise."""
    text: str
    """Reason for its points."""
    points: float
    """Points added; negative: points deducted."""


class Reviewed(ReportModel):
    """A reviewer's decision, and the automatic result that it replaces."""

    by: str
    """Who decided; never shown to students."""
    at: str
    """When, as ISO 8601 in UTC."""
    credit: float | None = None
    """Share of the points given; None: the automatic result stands, and its flags are settled."""
    comment: str = ""
    """Comment for the student."""
    items: tuple[RubricLine, ...] = ()
    """Rubric items that were given; the student reads them."""
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
        """Whether its credit replaces the automatic one."""
        return self.applies and self.credit is not None


class ExerciseResult(ReportModel):
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
    """Results of its checks."""
    mistakes: tuple[MistakeFound, ...] = ()
    """Known mistakes that explain the result, root cause first."""
    flags: Flags = ()
    """Flags for a person to look at."""
    review: Reviewed | None = None
    """A person's decision; None if nobody looked at it."""

    @property
    def is_judged(self) -> bool:
        """Whether a reviewer's credit replaces the automatic one."""
        return self.review is not None and self.review.decides


class CellProblem(ReportModel):
    """A cell that failed."""

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
    """Missing resource of the machine, or limit that was reached; None unless the cause is the
    machine.
    """


class Execution(ReportModel):
    """How the notebook ran."""

    seconds: float = 0.0
    """Wall time of all its runs together, in seconds."""
    peak_mib: int | None = None
    """Peak memory of the kernel and its child processes together, in MiB; None if not measured."""
    sandbox: str = ""
    """How it was sandboxed: `bwrap`, `bwrap-cold` or `none`; empty if it did not run."""
    files: Texts = ()
    """Files in its working directory, from the assignment and from the submission."""
    cells: int = 0
    """Number of code cells that are not blank."""
    problems: tuple[CellProblem, ...] = ()
    """Cells that failed or did not run."""
    again: tuple[int, ...] = ()
    """Cells that ran a second time at the end, since a name they need comes later."""
    skipped: Texts = ()
    """Commands that were not run, such as `!pip install`."""
    notes: Messages = ()
    """Further messages, about random weights, say."""
    ended: Message | None = None
    """Reason why the kernel ended before the last cell; None if it did not."""


class Person(ReportModel):
    """A student. Unknown fields are empty."""

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


class LeftOut(ReportModel):
    """A submitted file that is not a submission by itself."""

    file: str
    """Path relative to the given folder or zip."""
    status: Literal["superseded", "joined", "beside", "ignored", "unreadable"]
    """Why it is no submission by itself.

    `joined`: it contains other exercises than the named file, and is graded together with it.
    `beside`: a notebook's code names it.
    """
    reason: Message
    """The same in words."""
    submission: str = ""
    """Id of a submission by the same student; empty if there is none."""


class SubmissionResult(ReportModel):
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
    flags: Flags = ()
    """Flags of the whole submission for a person to look at."""
    review: Reviewed | None = None
    """Set once a person has seen its flags, or the reason why it could not be graded."""
