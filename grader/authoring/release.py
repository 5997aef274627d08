"""Build the release for students: a zip with handout, data files and `check.json`."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.assignment import FILE_NAME, Assignment, Exercise, load_named
from grader.authoring.zips import write_zip
from grader.errors import AssignmentError
from grader.grading.agreement import Expected, GraphDigest
from grader.grading.checks.registry import check_of
from grader.grading.expectation import Answer, Expectation
from grader.grading.graphs import digest
from grader.grading.seeds import OTHER_WAYS
from grader.messages import word
from grader.progress import Progress
from grader.reference.combinations import combinable
from grader.reference.data_folders import data_contents, data_path
from grader.reference.files import ReferenceFiles
from grader.reference.records import Answers, StoredMistake, StoredReference
from grader.reference.release import Release, for_students
from grader.reference.runner import ReferenceRunner, trusted_job
from grader.reference.seeds import unfixed_exercises
from grader.running.gpu import require_devices
from grader.running.session import Launch, Session
from grader.settings import RELEASE_FILE, Limits, Settings
from grader.submissions.submission import METADATA
from grader.trace import BASE, Graph

Alternatives = tuple[Answer, ...]
"""Values of which each is an answer."""

HIDDEN_CODE = "assert True  # the test is run once the notebook is handed in"
"""Stands in a release for a test cell that students do not see."""


@dataclass(frozen=True)
class Released:
    """The zip that was written."""

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
        to: the zip; an existing one is replaced once the new one is complete.
        settings: the folders of assignments and references.
        progress: told how far it is.
        launch: creates the host of each kernel.
        shows_points: whether a student who checks is told points.

    Raises:
        AssignmentError: the assignment is not right, has no practice variants, or one of them
            gives the answer away.
        GraderError: the zip cannot be written.
    """
    assignment = load_named(settings.exercises, name)
    require_devices([assignment], sealed=True)
    solution = ReferenceFiles(assignment.practising(), settings.solutions / name)
    _check_practice(solution)
    language = settings.language or assignment.language
    progress.stage(word("stage-release", language), None)

    made = asyncio.run(_make_release(solution, launch, shows_points=shows_points))
    contents = _zip_contents(assignment, made)
    in_folder = {f"{made.name}/{file}": data for file, data in contents.items()}
    write_zip(to, in_folder)
    return Released(to, made, tuple(contents))


def _check_practice(solution: ReferenceFiles) -> None:
    """Require practice variants for all varied data, and that students have the data."""
    if solution.assignment.limits.datasets:
        raise AssignmentError(
            "an assignment with 'datasets' cannot be checked at home.",
            'Leave the release out, or hand out a folder and say data = "FOLDER".',
            where=solution.assignment.folder / FILE_NAME,
        )
    if not solution.variants.has_all("practice"):
        raise AssignmentError(
            "there are no practice variants, with which students check their notebooks.",
            "Give each input 'draw' in place of 'variants', or 'practice' beside it.",
            where=solution.folder / "variants.toml",
        )


async def _make_release(
    solution: ReferenceFiles,
    launch: Launch,
    *,
    shows_points: bool,
) -> Release:
    async with Session(trusted_job(solution), launch) as session:
        runner = ReferenceRunner(solution, session, practice=True)
        reference = await runner.reference()
        mistakes = await runner.mistakes(list(solution.mistakes), reference)
        combined = combinable(solution, mistakes)
        combinations = await runner.combinations(combined, reference, variants=True)
        undecided = tuple(_undecided(solution, reference.answers, runner.handed_out()))
        check_some_decided(solution.assignment, undecided)
        unfixed = await _unfixed(solution, runner, reference)

    assignment = solution.assignment
    return Release(
        name=assignment.name,
        version=_version(assignment, solution),
        title=assignment.title,
        language=assignment.language,
        shows_points=shows_points,
        limits=_limits_for_students(assignment),
        exercises=tuple(map(_for_practice, assignment.exercises)),
        not_asked=tuple(map(_for_practice, assignment.not_asked)),
        handout=assignment.handout,
        files=tuple(file.name for file in assignment.files),
        undecided=undecided,
        unfixed=unfixed,
        reference=_reference_for_students(reference, undecided),
        mistakes=_mistakes_for_students(mistakes, undecided),
        combinations=_mistakes_for_students(combinations, undecided),
        said=for_students(solution.mistakes),
        accepted={name: accepted.note for name, accepted in solution.accepted.items()},
        sections=solution.sections(),
        marked=solution.marked_answers(),
    )


async def _unfixed(
    solution: ReferenceFiles, runner: ReferenceRunner, reference: StoredReference
) -> tuple[str, ...]:
    """List the exercises with answers that depend on seeds, even on practice numbers."""
    if not reference.draws:
        return ()
    ways = list(OTHER_WAYS.values())
    other_answers = await runner.seeded(ways, reference.inputs, variants=False)
    return unfixed_exercises(solution.assignment.exercises, reference.answers, other_answers)


def _limits_for_students(assignment: Assignment) -> Limits:
    """Remove this machine's path from the folder of data."""
    limits = assignment.limits
    name = ""
    if limits.data:
        name = data_path(assignment).name
    return limits.model_copy(update={"data": name})


def _for_practice(exercise: Exercise) -> Exercise:
    """Remove from an exercise the instructor's note and hidden tests; use its practice calls.

    The calls of an exercise in a release are those for practice already.
    """
    code = exercise.code
    if exercise.hidden:
        code = HIDDEN_CODE
    return exercise.model_copy(update={"note": {}, "practice_calls": (), "code": code})


def _version(assignment: Assignment, solution: ReferenceFiles) -> str:
    versions = f"{assignment.version}{solution.mistakes_version}"
    return hashlib.sha256(versions.encode()).hexdigest()[:12]


def _undecided(
    solution: ReferenceFiles,
    practised: Answers,
    handed_out: Answers,
) -> Iterator[str]:
    """Find exercises with answers that do not vary with the data, or with a secret measure.

    Saying that such an answer is right on other numbers would reveal it.

    Args:
        solution: the reference.
        practised: the answers on the practice variants.
        handed_out: the answers on the original data.

    Raises:
        AssignmentError: an answer is that on the original data, but on some variants only.
    """
    for exercise in solution.assignment.exercises:
        if exercise.hidden:
            yield exercise.id
            continue
        asked = exercise.asked
        if asked is not None and solution.probes.serves(asked):
            yield exercise.id
            continue
        if _is_told(exercise, handed_out):
            yield exercise.id
            continue
        if not check_of(exercise).is_measured:
            continue
        if exercise.asked is not None:
            if not exercise.practice_calls:
                yield exercise.id
            continue

        runs = practised.get(exercise.id, {})
        telling = _telling_runs(exercise, runs, handed_out)
        if len(telling) == len(runs):
            yield exercise.id
        elif telling:
            number = _practice_number(telling[0])
            raise AssignmentError(
                f"practice variant {number} gives the answer of exercise {exercise.id} away: "
                "the data has the same.",
                "Choose other numbers.",
                where=solution.folder / "variants.toml",
            )


def check_some_decided(assignment: Assignment, undecided: Collection[str]) -> None:
    """Require an exercise that students can check themselves.

    Args:
        assignment: the assignment.
        undecided: ids of the exercises that practice numbers cannot decide.

    Raises:
        AssignmentError: there is none: each check would say that nothing was checked.
    """
    automatic = [exercise.id for exercise in assignment.exercises if exercise.automatic]
    if set(automatic) - set(undecided):
        return
    raise AssignmentError(
        "students could check nothing at home: no answer changes with the practice variants.",
        "Give the data its 'practice' numbers in variants.toml, or functions their "
        "'practice_calls'; otherwise hand out the notebook without a release.",
        where=assignment.folder / FILE_NAME,
    )


def _is_told(exercise: Exercise, handed_out: Answers) -> bool:
    """Return whether the reference's values would reveal the answer to students."""
    check = check_of(exercise)
    by_run = handed_out.get(exercise.id, {})
    for answers in by_run.values():
        for answer in answers:
            if check.is_told_by(exercise, answer.value):
                return True
    return False


def _practice_number(label: str) -> int:
    """Return the number (from 1) of the practice variant that ran under a label."""
    if label == BASE:
        return 1
    _, _, number = label.rpartition("-")
    return int(number) + 1


def _telling_runs(
    exercise: Exercise,
    runs: Mapping[str, Sequence[Answer]],
    handed_out: Answers,
) -> list[str]:
    """List the runs with an answer that is right on the original data, too."""
    right = handed_out.get(exercise.id, {}).get(BASE, ())
    tolerance = check_of(exercise).tolerance(exercise)
    expectation = Expectation({BASE: right}, tolerance)
    telling = []
    for label, answers in runs.items():
        if any(_is_right(answer, expectation) for answer in answers):
            telling.append(label)
    return telling


def _is_right(answer: Answer, expectation: Expectation) -> bool:
    if isinstance(answer.value, GraphDigest):
        return False
    return expectation.matches(answer.value, BASE) > 0


def _reference_for_students(stored: StoredReference, undecided: Sequence[str]) -> StoredReference:
    """Remove graphs, undecided exercises and revealing values from a reference's results."""
    changes = {
        "key": "",
        "drawn": (),
        "drawn_from": "",
        "answers": _answers_for_students(stored.answers, undecided),
        "right": _values_for_students(stored.right, undecided),
        "seen": _values_for_students(stored.seen, undecided),
        "told": {},
    }
    return stored.model_copy(update=changes)


def _mistakes_for_students(
    mistakes: Mapping[str, StoredMistake],
    undecided: Sequence[str],
) -> dict[str, StoredMistake]:
    stripped = {}
    for name, mistake in mistakes.items():
        answers = _answers_for_students(mistake.answers, undecided)
        stripped[name] = StoredMistake(answers=answers, told={})
    return stripped


def _answers_for_students(answers: Answers, undecided: Sequence[str]) -> Answers:
    stripped = {}
    for exercise, runs in answers.items():
        if exercise not in undecided:
            stripped[exercise] = _hash_graphs(runs)
    return stripped


def _values_for_students(
    values: Mapping[str, tuple[Answer, ...]],
    undecided: Sequence[str],
) -> dict[str, tuple[Answer, ...]]:
    decided = {exercise: values[exercise] for exercise in values if exercise not in undecided}
    return _hash_graphs(decided)


def _hash_graphs(answers: Mapping[str, Alternatives]) -> dict[str, Alternatives]:
    """Replace graphs by hashes."""
    hashed = {}
    for key, alternatives in answers.items():
        hashed[key] = tuple(map(_hash_graph, alternatives))
    return hashed


def _hash_graph(answer: Answer) -> Answer:
    return answer.model_copy(update={"value": _as_hash(answer.value)})


def _as_hash(value: Expected) -> Expected:
    if not isinstance(value, Graph):
        return value
    graph_hash, size = digest(value)
    return GraphDigest(digest=graph_hash, size=size)


def _zip_contents(assignment: Assignment, made: Release) -> dict[str, bytes]:
    """Collect the files of the zip, by their names."""
    handout = assignment.folder / assignment.handout_name
    contents = {handout.name: _with_release(handout, made)}
    for file in assignment.files:
        contents[file.name] = file.path.read_bytes()
    contents |= data_contents(assignment)
    release_text = made.model_dump_json(by_alias=True)
    contents[RELEASE_FILE] = f"{release_text}\n".encode()
    return contents


def _with_release(handout: Path, made: Release) -> bytes:
    """Add the release to the handout's metadata, which students hand in with it."""
    handout_text = handout.read_text("utf-8-sig")
    notebook: dict[str, Any] = json.loads(handout_text)
    metadata: Mapping[str, Any] = notebook.get("metadata") or {}
    release_name = {"assignment": made.name, "version": made.version}
    notebook["metadata"] = {**metadata, METADATA: release_name}
    text = json.dumps(notebook, ensure_ascii=False, indent=1)
    return f"{text}\n".encode()
