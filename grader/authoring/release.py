"""Makes what students get of an assignment: a zip with the handout, its data files, and `check.json`."""

from __future__ import annotations

import asyncio
import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.assignment import Assignment, Exercise, load_assignment
from grader.errors import AssignmentError, GraderError
from grader.grading.checks.registry import check_of
from grader.grading.expectation import Answer, Expectation, Expected, GraphDigest
from grader.grading.graphs import digest
from grader.messages import word
from grader.progress import Progress
from grader.reference.files import ReferenceFiles
from grader.reference.records import Answers, StoredMistake, StoredReference
from grader.reference.release import FILE_NAME, Release, for_students
from grader.reference.runner import ReferenceRunner, combinable, trusted_job
from grader.running.session import Launch, Session
from grader.settings import Settings
from grader.submissions.submission import METADATA
from grader.trace import BASE, Graph


@dataclass(frozen=True)
class Released:
    """What was written."""

    path: Path
    release: Release
    files: tuple[str, ...]
    """Names in the zip."""


def release(
    name: str,
    to: Path,
    settings: Settings,
    progress: Progress,
    launch: Launch,
    *,
    shows_points: bool,
) -> Released:
    """Write the zip that students get.

    Args:
        name: the assignment.
        to: the zip; one that is there is put in its place once the new one is whole.
        settings: where assignments and references are.
        progress: told how far it is.
        launch: gives each kernel its host.
        shows_points: whether a student who checks is told points.

    Raises:
        AssignmentError: the assignment is not right, has no practice variants, or one gives the answer away.
        GraderError: the zip cannot be written.
    """
    folder = settings.exercises / name
    assignment = load_assignment(folder)
    solution = ReferenceFiles(assignment.practising(), settings.solutions / name)
    _check_practice(solution)
    progress.stage(word("stage-release", settings.language or assignment.language), None)
    made = asyncio.run(_made(solution, launch, shows_points=shows_points))
    return Released(to, made, _write(to, assignment, made))


def _check_practice(solution: ReferenceFiles) -> None:
    tables = solution.variants.inputs
    if tables and not all(table.practice for table in tables):
        raise AssignmentError(
            "there are no practice variants, with which students check their notebooks.",
            "Give each input 'practice = [\"…\", \"…\"]', with other numbers than 'variants' has.",
            where=solution.folder / "variants.toml",
        )


async def _made(solution: ReferenceFiles, launch: Launch, *, shows_points: bool) -> Release:
    async with Session(trusted_job(solution), launch) as session:
        maker = ReferenceRunner(solution, session, practice=True)
        reference = await maker.reference()
        mistakes = await maker.mistakes(list(solution.mistakes), reference)
        together = await maker.combinations(
            combinable(solution, mistakes), reference, variants=True
        )
        undecided = _undecided(solution, reference.answers, maker.handed_out())
    assignment = solution.assignment
    return Release(
        name=assignment.name,
        version=_version(assignment, solution),
        title=assignment.title,
        language=assignment.language,
        shows_points=shows_points,
        limits=assignment.limits,
        exercises=tuple(map(_as_practised, assignment.exercises)),
        not_asked=tuple(map(_as_practised, assignment.not_asked)),
        handout=assignment.handout,
        files=tuple(file.name for file in assignment.files),
        undecided=undecided,
        reference=_told_to_students(reference, undecided),
        mistakes={name: _of_mistake(one, undecided) for name, one in mistakes.items()},
        combinations={name: _of_mistake(one, undecided) for name, one in together.items()},
        said=for_students(solution.mistakes),
        accepted={name: accepted.note for name, accepted in solution.accepted.items()},
    )


def _as_practised(exercise: Exercise) -> Exercise:
    """An exercise without the instructor's note; of a function, its calls are those to practise with."""
    return exercise.model_copy(update={"note": {}, "practice_calls": ()})


def _version(assignment: Assignment, solution: ReferenceFiles) -> str:
    return hashlib.sha256(f"{assignment.version}{solution.mistakes_version}".encode()).hexdigest()[
        :12
    ]


def _undecided(
    solution: ReferenceFiles, practised: Answers, handed_out: Answers
) -> tuple[str, ...]:
    """The exercises whose answer is the same whatever the data: to tell it on other numbers is to tell it.

    Raises:
        AssignmentError: on some practice variants only, an answer is that on the handed-out data.
    """
    found = []
    for exercise in solution.assignment.exercises:
        check = check_of(exercise)
        if not check.is_measured:
            continue
        if exercise.asked is not None:
            found += [] if exercise.practice_calls else [exercise.id]
            continue
        real = Expectation(
            {BASE: handed_out.get(exercise.id, {}).get(BASE, ())}, check.tolerance(exercise)
        )
        runs = practised.get(exercise.id, {})
        telling = [
            label
            for label, answers in runs.items()
            if any(_agrees(answer, real) for answer in answers)
        ]
        if len(telling) == len(runs):
            found.append(exercise.id)
        elif telling:
            number = 1 if telling[0] == BASE else int(telling[0].rpartition("-")[2]) + 1
            raise AssignmentError(
                f"practice variant {number} gives the answer of exercise {exercise.id} away: the data has the same.",
                "Choose other numbers.",
                where=solution.folder / "variants.toml",
            )
    return tuple(found)


def _agrees(answer: Answer, real: Expectation) -> bool:
    return not isinstance(answer.value, GraphDigest) and real.matches(answer.value, BASE) > 0


def _told_to_students(stored: StoredReference, undecided: Iterable[str]) -> StoredReference:
    left_out = frozenset(undecided)
    return stored.model_copy(
        update={
            "key": "",
            "answers": _hashed(stored.answers, left_out),
            "right": {
                e: _without_graphs(answers)
                for e, answers in stored.right.items()
                if e not in left_out
            },
            "seen": {
                e: _without_graphs(answers)
                for e, answers in stored.seen.items()
                if e not in left_out
            },
            "told": {},
        }
    )


def _of_mistake(made: StoredMistake, undecided: Iterable[str]) -> StoredMistake:
    return StoredMistake(answers=_hashed(made.answers, frozenset(undecided)), told={})


def _hashed(answers: Answers, left_out: frozenset[str]) -> Answers:
    return {
        exercise: {label: _without_graphs(alternatives) for label, alternatives in runs.items()}
        for exercise, runs in answers.items()
        if exercise not in left_out
    }


def _without_graphs(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    return tuple(answer.model_copy(update={"value": _as_hash(answer.value)}) for answer in answers)


def _as_hash(value: Expected) -> Expected:
    if not isinstance(value, Graph):
        return value
    hashed, size = digest(value)
    return GraphDigest(digest=hashed, size=size)


def _write(to: Path, assignment: Assignment, made: Release) -> tuple[str, ...]:
    """Write the zip beside its name first, so that a half of one never stands there."""
    handout = assignment.folder / assignment.handout_name
    contents: dict[str, bytes] = {
        handout.name: _with_release(handout, made),
        **{file.name: file.path.read_bytes() for file in assignment.files},
        FILE_NAME: (made.model_dump_json(by_alias=True) + "\n").encode(),
    }
    part = to.with_name(f".{to.name}.part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in contents.items():
                # A date of its own would make another file of the same assignment each time.
                entry = zipfile.ZipInfo(f"{made.name}/{name}", (1980, 1, 1, 0, 0, 0))
                archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
        part.replace(to)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise GraderError(
            f"{to} cannot be written: {error.strerror}.", "Give another --to."
        ) from None
    return tuple(contents)


def _with_release(handout: Path, made: Release) -> bytes:
    """The handout, with the release in its metadata, which go with it into what is handed in."""
    notebook: dict[str, Any] = json.loads(handout.read_text("utf-8-sig"))
    metadata: Mapping[str, Any] = notebook.get("metadata") or {}
    notebook["metadata"] = {
        **metadata,
        METADATA: {"assignment": made.name, "version": made.version},
    }
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode()
