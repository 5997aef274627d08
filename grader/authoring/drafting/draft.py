"""Draft an assignment from a solved notebook, and write it: the steps of `grade new`, in order."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.assignment import FILE_NAME, load_assignment
from grader.authoring.drafting import notebooks, toml
from grader.authoring.drafting.candidates import AnswerCandidate, find_candidates
from grader.authoring.drafting.files import (
    check_name,
    data_files,
    move_to_backup,
    read_contents,
    write_files,
)
from grader.authoring.drafting.input_trials import try_inputs
from grader.authoring.drafting.inputs import find_data
from grader.authoring.drafting.mistake_rules import RULES
from grader.authoring.drafting.mistake_trials import MistakeTrials
from grader.authoring.drafting.mistakes import ProposedMistake, propose_mistakes
from grader.authoring.drafting.names import is_kebab, kebab, strip_number
from grader.authoring.drafting.plan import MAX_TITLE, ObservedRun, Plan, make_plan
from grader.authoring.drafting.readers.detect import read_solved
from grader.authoring.drafting.readers.headings import headings_in
from grader.authoring.drafting.solved import (
    DraftCell,
    Placeholders,
    SolvedCell,
    SolvedNotebook,
    Task,
)
from grader.authoring.drafting.solved_run import first_values, mark_cells, run_solved
from grader.authoring.drafting.source import detect_language, read_file, read_handout, solved_cells
from grader.authoring.drafting.toml import DraftedMistake
from grader.errors import AssignmentError
from grader.job import Job
from grader.messages import LANGUAGES, Language, word
from grader.notebook.cells import NotebookCell
from grader.notebook.format import table
from grader.progress import Progress
from grader.reference.files import ReferenceFiles
from grader.reference.markers import MARKER
from grader.running.session import Launch, Session
from grader.settings import Limits, Settings

SOLVED_LIMITS = Limits(cell_timeout_s=900, notebook_timeout_s=1800)
"""Limits of the notebook's own run: how long it takes is what is to be found out."""
TIME_FACTOR = 3.0
"""How many times the notebook's own time students get."""
MAX_TITLES = 3
"""Most exercises that are named where none can be compared."""
HOW_TO_SHOW = "Show such a value at the end of its cell, or mark it there: '# grade: NAME = VALUE'."
HOW_TO_MARK = (
    "Put a heading '# Exercise 1' above one, or '# grade: NAME = VALUE' below the line of its "
    "answer."
)


@dataclass(frozen=True)
class Draft:
    """The assignment that was written, and what the instructor has to look at."""

    name: str
    language: Language
    notebook: SolvedNotebook
    plan: Plan
    mistakes: tuple[DraftedMistake, ...]
    unworded: tuple[str, ...]
    """Mistakes that the notebook marks and that nobody has words for yet."""
    exercises: Path
    """The folder of the handout."""
    solutions: Path
    """The folder of the reference."""
    backups: tuple[Path, ...] = ()
    """Folders that hold what stood there before."""


def draft(
    name: str,
    path: Path,
    settings: Settings,
    progress: Progress,
    launch: Launch,
    *,
    handout: Path | None = None,
    force: bool,
) -> Draft:
    """Draft an assignment from a solved notebook, and write its files.

    Args:
        name: the assignment's.
        path: the solved notebook.
        settings: the folders of assignments and references, and the language; None: that of the
            notebook's words.
        progress: told of what takes time.
        launch: gives each kernel its host.
        handout: the course's own notebook without answers; None: it is made of the solved one.
        force: whether an assignment of that name is replaced; a backup of it is made beside it.

    Raises:
        AssignmentError: the name, or the notebook, cannot be used; nothing is written then.
    """
    check_name(name, settings.exercises, settings.solutions, force=force)
    drafter = _Drafter(name, path, settings, progress, handout)
    return asyncio.run(drafter.draft(launch))


class _Drafter:
    """Makes an assignment of one notebook."""

    def __init__(
        self,
        name: str,
        path: Path,
        settings: Settings,
        progress: Progress,
        handout: Path | None,
    ) -> None:
        self._name = name
        self._path = path
        self._progress = progress
        self._exercises = settings.exercises / name
        self._solutions = settings.solutions / name

        content = read_file(path)
        solved = solved_cells(content)
        self._metadata: Mapping[str, Any] = table(content.get("metadata"))
        self._language = settings.language or detect_language(solved)
        given = read_handout(handout) if handout else None
        self._notebook = read_solved(solved, _placeholders(self._language), given)
        self._title = _find_title(solved, name)
        self._files = data_files(path, [_as_notebook_cell(cell) for cell in solved])
        self._limits = Limits()
        _check_tasks(self._notebook.tasks, path)

    async def draft(self, launch: Launch) -> Draft:
        """Run the notebook, propose, write, and try mistakes."""
        job = Job(cells=(), files=self._files, limits=SOLVED_LIMITS, trusted=True)
        async with Session(job, launch) as session:
            self._progress.stage(word("draft-running", self._language), None)
            plan = await self._plan(session)
            self._progress.stage(word("draft-varying", self._language), None)
            await self._add_inputs(session, plan)
            backups = self._replace_files()
            self._write(plan)
            await self._add_mistakes(session, plan)

        names = self._mistake_names(plan.mistakes)
        return Draft(
            name=self._name,
            language=self._language,
            notebook=self._notebook,
            plan=plan,
            mistakes=tuple(map(_in_words, names)),
            unworded=tuple(name for name in names if name not in RULES),
            exercises=self._exercises,
            solutions=self._solutions,
            backups=backups,
        )

    async def _plan(self, session: Session) -> Plan:
        """Run the notebook with a mark on each value that may be an answer, and choose."""
        cells = self._notebook.cells
        candidates = {}
        for task in self._notebook.tasks:
            if not task.question:
                candidates[task] = find_candidates(cells, task)
        names = _name_candidates(candidates)
        marked = mark_cells(cells, names)

        start = time.monotonic()
        run = await run_solved(session, cells, marked, self._path)
        self._limits = _student_limits(time.monotonic() - start)

        given = first_values(run, marked)
        values = {}
        for name, candidate in names.items():
            if name in given:
                values[candidate] = given[name]
        observed = ObservedRun(run, candidates, values, given)
        plan = make_plan(self._notebook, observed)
        plan.data = find_data(cells, plan.following_tasks, run)
        if not plan.exercises:
            raise self._nothing_to_compare(plan)
        return plan

    def _nothing_to_compare(self, plan: Plan) -> AssignmentError:
        tasks = plan.without_value[:MAX_TITLES]
        titles = ", ".join(f"“{task.title}”" for task in tasks)
        problem = f"no exercise gives a number, a tensor or a graph that can be compared: {titles}."
        return AssignmentError(problem, HOW_TO_SHOW, where=self._path)

    async def _add_inputs(self, session: Session, plan: Plan) -> None:
        """Find variants for the data."""
        marked = mark_cells(self._notebook.cells, plan.marks)
        tried = await try_inputs(session, plan.data.inputs, marked, plan.right_values)
        plan.inputs = tried.inputs
        plan.constant = tried.constant

    def _replace_files(self) -> tuple[Path, ...]:
        """Move what stands in the assignment's folders to backups, and write the data files."""
        contents = read_contents(self._files)  # they may lie in a folder that is moved
        backups = [move_to_backup(self._exercises), move_to_backup(self._solutions)]
        write_files(self._exercises, contents)
        return tuple(backup for backup in backups if backup is not None)

    async def _add_mistakes(self, session: Session, plan: Plan) -> None:
        """Find the mistakes that are worth knowing, and write them.

        A notebook that marks mistakes of its own gets no others.
        """
        if self._mistake_names(()):
            return
        answers: set[int] = set()
        for task in plan.automatic_tasks:
            answers.update(task.cells)
        proposed = propose_mistakes(self._notebook.cells, sorted(answers))
        if not proposed:
            return

        steps = 2 * len(proposed)
        self._progress.stage(word("draft-mistaking", self._language), steps)
        try:
            recognised = await self._try_mistakes(session, plan, proposed)
        except AssignmentError:
            # The files are not right yet: `validate` runs next, and says why.
            recognised = []
        plan.mistakes = [mistake for mistake in plan.mistakes if mistake.kind in recognised]
        self._write(plan)

    async def _try_mistakes(
        self,
        session: Session,
        plan: Plan,
        proposed: Sequence[ProposedMistake],
    ) -> Collection[str]:
        """Write the mistakes that change an answer into the reference, and grade it with each."""
        trials = MistakeTrials(self._load_solution(), session, self._progress)
        stored = await trials.run_reference()
        plan.mistakes = await trials.find_telling(proposed, self._notebook.cells, stored)
        self._write(plan)

        trials = MistakeTrials(self._load_solution(), session, self._progress)
        names = [mistake.kind for mistake in plan.mistakes]
        return await trials.find_recognised(names, stored)

    def _load_solution(self) -> ReferenceFiles:
        return ReferenceFiles(load_assignment(self._exercises), self._solutions)

    def _mistake_names(self, proposed: Sequence[ProposedMistake]) -> list[str]:
        """Name the reference's mistakes: those that its marks name, and those proposed."""
        names = _marked_mistakes(self._notebook.cells)
        names += [mistake.kind for mistake in proposed]
        return list(dict.fromkeys(names))

    def _write(self, plan: Plan) -> None:
        """Write all files of both folders, as far as the plan has come."""
        cells = self._notebook.cells
        file_name = f"{self._name}.ipynb"
        head = toml.AssignmentHead(
            title=self._title,
            handout=file_name,
            files=tuple(file.name for file in self._files),
            limits=self._limits,
        )
        exercises = [planned.exercise for planned in plan.exercises]
        own_handout = self._notebook.handout
        handout = own_handout or notebooks.format_handout(cells, self._metadata)
        write_files(
            self._exercises,
            {
                file_name: handout,
                FILE_NAME: toml.format_assignment(head, exercises, self._language),
            },
        )

        mistakes = map(_in_words, self._mistake_names(plan.mistakes))
        reference = notebooks.format_reference(cells, self._metadata, plan.mark_lines())
        write_files(
            self._solutions,
            {
                file_name: reference,
                "variants.toml": toml.format_variants(plan.inputs, self._language),
                "mistakes.toml": toml.format_mistakes(mistakes, self._language),
            },
        )


def _placeholders(language: Language) -> Placeholders:
    code = word("draft-code-here", language)
    text = word("draft-answer-here", language)
    return Placeholders(code=f"# {code}", text=f"*{text}*")


def _as_notebook_cell(cell: SolvedCell) -> NotebookCell:
    return NotebookCell(kind=cell.kind, source=cell.source)


def _check_tasks(tasks: Sequence[Task], path: Path) -> None:
    """Check that a notebook has exercises, and that its marks name them in kebab case."""
    if not tasks:
        raise AssignmentError("nothing in it looks like an exercise.", HOW_TO_MARK, where=path)
    for task in tasks:
        if task.marked and not is_kebab(task.name):
            problem = f"a mark names the exercise {task.name!r}."
            advice = f"Write it in kebab case: {kebab(task.name) or 'exercise-1'}."
            raise AssignmentError(problem, advice, where=path)


def _name_candidates(
    candidates: Mapping[Task, Sequence[AnswerCandidate]],
) -> dict[str, AnswerCandidate]:
    """Name each value that is to be marked; those of exercises that are marked already are not."""
    unmarked: list[AnswerCandidate] = []
    for task, found in candidates.items():
        if not task.marked:
            unmarked.extend(found)
    distinct = dict.fromkeys(unmarked)
    return {f"draft-{number}": candidate for number, candidate in enumerate(distinct)}


def _student_limits(seconds: float) -> Limits:
    """Choose limits for students from the time that the solved notebook took.

    They are never below the defaults.
    """
    default = Limits()
    cell_timeout_s = 10.0 * math.ceil(seconds * TIME_FACTOR / 10)
    timeouts = {
        "cell_timeout_s": max(default.cell_timeout_s, cell_timeout_s),
        "notebook_timeout_s": max(default.notebook_timeout_s, 2 * cell_timeout_s),
    }
    return default.model_copy(update=timeouts)


def _find_title(cells: Sequence[SolvedCell], name: str) -> str:
    """Find the first heading that is none of an exercise's; else take the assignment's name."""
    for cell in cells:
        for heading in headings_in(cell):
            is_title = not heading.is_exercise or strip_number(heading.text)
            if heading.level == 1 and is_title:
                return heading.text[:MAX_TITLE]
    return name.replace("-", " ").capitalize()


def _marked_mistakes(cells: Sequence[DraftCell]) -> list[str]:
    """Find the mistakes that our own marks in a notebook name."""
    names = []
    code = [cell.source for cell in cells if cell.kind == "code"]
    for source in code:
        for line in source.split("\n"):
            match = MARKER.match(line)
            if match and match["wrong"]:
                names.append(match["wrong"])
    return names


def _in_words(name: str) -> DraftedMistake:
    """Put a mistake into words in every language: of its kind, or of any if the kind is unknown."""
    if name not in RULES:
        text = name.replace("-", " ")
        hints = {language: word("draft-unworded-hint", language) for language in LANGUAGES}
        return DraftedMistake(name, dict.fromkeys(LANGUAGES, text), hints)
    names = {}
    hints = {}
    for language in LANGUAGES:
        names[language] = word(f"draft-mistake-{name}", language)
        hints[language] = word(f"draft-hint-{name}", language)
    return DraftedMistake(name, names, hints)
