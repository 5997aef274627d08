"""The report: what a run of the grader says of each submission. Every other output is rendered from it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = "1.0"

ExerciseStatus = Literal[
    "passed", "partial", "failed", "pending", "missing", "not_run", "not_asked", "ungradable"
]
SubmissionStatus = Literal["graded", "unchanged", "unreadable", "wrong_file", "ungradable"]
Source = Literal["", "canvas", "moodle", "gradescope", "blackboard", "nbgrader", "folders"]
Scalar = str | float | int | bool


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="strings")


class Message(_Model):
    """Something to say, before it is put into words."""

    id: str
    """Message id; the words are in `grader/messages.py`, per language and reader."""
    params: dict[str, Scalar] = {}
    """What the words speak of."""


class Where(_Model):
    """A place in a student's notebook."""

    cell: int
    """Index of the cell, from 0."""
    line: int = 0
    """Line in the cell, from 1; 0: the cell as a whole."""
    source: str = ""
    """The student's line."""
    heading: str = ""
    """The heading above the cell, without its marks; empty if there is none."""


class Evidence(_Model):
    """A value that was found, and where."""

    where: Where
    name: str = ""
    """Path of the value: `w`, `m.w`, `losses[0]`; empty for a value that has no name."""
    value: str = ""
    """The value as text: for the instructor."""


class MistakeFound(_Model):
    """A known mistake that explains what a submission computed."""

    id: str
    also: tuple[str, ...] = ()
    """Mistakes that explain it equally well."""
    explains: tuple[str, ...] = ()
    """Exercises whose value it explains."""
    name: dict[str, str] = {}
    """Its name per language: for the instructor."""
    happened: dict[str, str] = {}
    """What happened in the student's own lines, per language; empty if nothing is said of it."""
    hint: dict[str, str] = {}
    """What to do about it, per language."""


class CheckResult(_Model):
    """What one check found."""

    check: str
    """Name of the check: `value`, `series`, `function`, `graph` or `text`."""
    message: Message
    found: Evidence | None = None
    """The value that decided; for the instructor."""
    notes: tuple[Message, ...] = ()
    """What else to know of it."""


class Flag(_Model):
    """Something a person should look at. A flag never costs points by itself."""

    id: Literal["does-not-follow-data", "unverified", "not-reproducible", "forged-events"]
    message: Message
    evidence: tuple[Evidence, ...] = ()


class Reviewed(_Model):
    """What a person decided, and what the grader had found before: taking it back gives the automatic result."""

    by: str
    """Who; never shown to a student."""
    at: str
    """When, as ISO 8601 in UTC."""
    credit: float | None = None
    """The share of the points that they gave; None: the automatic result stands, and its flags are settled."""
    comment: str = ""
    """For the student."""
    reason: str = ""
    """For the staff; never shown to a student."""
    applies: bool = True
    """Whether it decides. An answer that was read and is another now waits again, and so do flags."""
    changed: bool = False
    """Whether what was judged is another now."""
    automatic_status: ExerciseStatus | None = None
    """Of an exercise: the status that the grader gave."""
    automatic_points: float = 0.0
    automatic_credit: float = 0.0

    @property
    def decides(self) -> bool:
        """Whether its credit stands in place of the automatic one."""
        return self.applies and self.credit is not None


class ExerciseResult(_Model):
    """How one exercise was graded."""

    id: str
    title: str
    status: ExerciseStatus
    points: float
    """Points earned; 0 while pending."""
    max_points: float
    automatic: bool
    """Whether the grader decides it, rather than a person."""
    credit: float
    """Share of the points earned, from 0 to 1."""
    checks: tuple[CheckResult, ...] = ()
    mistakes: tuple[MistakeFound, ...] = ()
    flags: tuple[Flag, ...] = ()
    review: Reviewed | None = None
    """What a person decided; None if nobody looked at it."""

    @property
    def is_judged(self) -> bool:
        """Whether a person's credit stands in place of the automatic one."""
        return self.review is not None and self.review.decides


class CellProblem(_Model):
    """A cell that did not end well."""

    where: Where
    status: Literal["error", "timeout", "died", "flooded", "not_run"]
    error: str = ""
    """Type of the exception; empty if there was none."""
    message: str = ""
    limit: Literal["", "memory", "disk", "processes", "open-files"] = ""
    """The limit it met, beside those of time and output; empty if none."""


class Execution(_Model):
    """How the notebook ran."""

    seconds: float = 0.0
    """Wall time of all its runs together, in seconds."""
    peak_mib: int | None = None
    """Most memory that the kernel and all it started used together, in MiB; None where nothing counts it."""
    sandbox: str = ""
    """How it was sealed off: `bwrap`, `bwrap-cold` or `none`; empty if it did not run."""
    files: tuple[str, ...] = ()
    """Files that lay in its working directory: the assignment's, and those handed in beside it."""
    cells: int = 0
    """Code cells that were run."""
    problems: tuple[CellProblem, ...] = ()
    again: tuple[int, ...] = ()
    """Cells that ran a second time at the end, since a name they need comes later."""
    skipped: tuple[str, ...] = ()
    """Commands that were not run, such as `!pip install`."""
    notes: tuple[Message, ...] = ()
    ended: Message | None = None
    """What ended the kernel before the last cell; None if nothing did."""


class Person(_Model):
    """A student, as far as is known. What is not known is empty."""

    name: str = ""
    id: str = ""
    """Number that the institution gave them."""
    email: str = ""
    login: str = ""


class Who(Person):
    """Who a submission is from, as its names and the roster say."""

    source: Source = ""
    """Whose download its name is of; empty for files that were never in one."""
    lms_id: str = ""
    """Number in that download: a user's of Canvas, a participant's of Moodle, a submission's of Gradescope."""
    group: str = ""
    """Name of the group that handed it in."""
    members: tuple[Person, ...] = ()
    """Everyone of the group, if several handed it in together."""
    late: bool = False
    """Whether the download says that it was late."""
    attempt: str = ""
    """When it was handed in, as the download says, in ISO 8601; without a zone it is the LMS's own time."""
    in_roster: bool | None = None
    """Whether the roster has them; None without a roster."""


class LeftOut(_Model):
    """A file that was handed in and is not a submission by itself."""

    file: str
    """Path of the file, relative to where it was looked for."""
    status: Literal["superseded", "beside", "ignored", "unreadable"]
    reason: Message
    submission: str = ""
    """Id of a submission of the same student; empty if there is none."""


class SubmissionResult(_Model):
    """How one submission was graded."""

    id: str
    """Stable name made from the file's path; the stored trace has it too."""
    student: str
    """What to call who handed it in: their name if it is known, else what the file or its folder is called."""
    who: Who = Who()
    """Who that is."""
    file: str
    """Path of the file, relative to where it was looked for."""
    sha256: str
    status: SubmissionStatus
    assignment: str
    release: str = ""
    """Version of the release that it was made from, as the notebook says; empty if it says nothing."""
    points: float = 0.0
    """Points earned, of exercises that are settled: by the grader, or by a person."""
    max_points: float = 0.0
    """Points to be had of these: exercises that are pending count here only once they are settled."""
    pending_points: float = 0.0
    """Points that a person has still to give or not."""
    reason: Message | None = None
    """Why it could not be graded."""
    exercises: tuple[ExerciseResult, ...] = ()
    execution: Execution = Execution()
    flags: tuple[Flag, ...] = ()
    review: Reviewed | None = None
    """That a person has seen its flags, or why it could not be graded; None if nobody has."""
    cached: bool = Field(False, exclude=True)


class ExerciseInfo(_Model):
    """An exercise, as the assignment has it."""

    id: str
    title: str
    points: float
    automatic: bool
    """Whether the grader decides it, rather than a person."""
    note: dict[str, str] = {}
    """What the instructor should know of it, per language."""
    student_note: dict[str, str] = {}
    """What a student should know of it, per language."""


class AssignmentInfo(_Model):
    """Which assignment the submissions belong to."""

    name: str
    title: str
    language: str
    version: str
    """Hash of the handout and `assignment.toml`."""
    reference: str
    """Hash of the reference, variants and mistakes."""
    max_points: float
    exercises: tuple[ExerciseInfo, ...] = ()


class GraderInfo(_Model):
    """What graded."""

    version: str
    python: str
    torch: str
    sandbox: str
    """How notebooks were sealed off, at least: `bwrap`: in forks of a fork server; `bwrap-cold`: each by itself;
    `none`: not at all, they ran with the rights of the person at the terminal. Empty if none ran."""
    threads: int


class Summary(_Model):
    """The class in numbers."""

    submissions: int = 0
    graded: int = 0
    unreadable: int = 0
    wrong_file: int = 0
    unchanged: int = 0
    ungradable: int = 0
    mean_points: float | None = None
    """Mean of the points of the graded and the unchanged submissions."""
    pending_exercises: int = 0


class Shared(_Model):
    """A line or a sentence that two submissions share and few others of the class have."""

    left: Where
    """Where the first of the two has it."""
    right: Where
    """Where the second has it: there with other names, perhaps."""
    others: int
    """How many others of the class have it."""


class Similar(_Model):
    """Two submissions that are alike once the handout, comments, names and formatting are taken away.

    For a person to look at: it costs no points, and says nothing of who had it from whom.
    """

    submissions: tuple[str, str]
    """Their ids."""
    share: float
    """Of the code of the one that has less of its own, how much is in the other, too: from 0 to 1, what few of the
    class have counting more. What the handout or the reference has counts nowhere."""
    shared: tuple[Shared, ...] = ()
    """What they share and few others have, in the order of the first of the two."""
    more: int = 0
    """How many lines and sentences there are beside these."""
    answers: tuple[str, ...] = ()
    """Ids of the exercises to which both answer in the same words."""


class Sameness(_Model):
    """What so many of a class share that it says nothing of any two: it was shown in class, perhaps."""

    submissions: tuple[str, ...]
    """Ids of those that share it."""
    compared: int
    """How many submissions of the assignment were compared."""
    exercises: tuple[str, ...] = ()
    """Ids of the exercises that they answer in the same words; empty where it is code."""
    lines: tuple[Where, ...]
    """The lines, or an answer per exercise, as the first of them has them."""


class Report(_Model):
    """The outcome of a run."""

    schema_version: str = SCHEMA_VERSION
    grader: GraderInfo
    created: str
    """When, as ISO 8601 in UTC."""
    seconds: float
    """Wall time of the whole run, in seconds."""
    assignments: tuple[AssignmentInfo, ...]
    summary: Summary
    submissions: tuple[SubmissionResult, ...]
    left_out: tuple[LeftOut, ...] = ()
    """Files that were handed in beside these, and what became of them."""
    absent: tuple[Person, ...] = ()
    """Those of the roster who handed in nothing."""
    similar: tuple[Similar, ...] = ()
    """Pairs of submissions that are alike, those with most evidence first: for a person to look at."""
    similar_left_out: int = 0
    """How many pairs there are beside these."""
    sameness: tuple[Sameness, ...] = ()
    """What much of a class shares."""

    def canonical(self) -> dict[str, Any]:
        """The report without times, memory and machine: equal for two runs over the same input."""
        data = self.model_dump(mode="json")
        for key in ("created", "seconds"):
            del data[key]
        data["grader"].pop("python")
        for submission in data["submissions"]:
            del submission["execution"]["seconds"], submission["execution"]["peak_mib"]
            ended = submission["execution"]["ended"]
            if ended is not None:
                ended["params"].pop("seconds", None)
        return data
