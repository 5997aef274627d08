"""Draft an assignment from a solved notebook and write it, step by step (`grade new`)."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.authoring.drafting.data_sets import copy_folder, find_data_sets
from grader.authoring.drafting.draws import draws_like
from grader.authoring.drafting.explained_figures import split_explained
from grader.authoring.drafting.failures import (
    FailedCell,
    meant_failures,
    unexpected_failures,
)
from grader.authoring.drafting.files import check_name, data_files, missing_files, read_contents
from grader.authoring.drafting.given_answers import (
    GivenAnswer,
    answer_modules,
    answers_in_modules,
)
from grader.authoring.drafting.input_trials import VariedCells, try_inputs
from grader.authoring.drafting.inputs import find_data
from grader.authoring.drafting.mistake_trials import MistakeTrials
from grader.authoring.drafting.mistakes import (
    ProposedMistake,
    mistakes_in_time,
    propose_mistakes,
)
from grader.authoring.drafting.names import is_kebab, kebab, strip_number
from grader.authoring.drafting.observing import NotebookRuns
from grader.authoring.drafting.plan import MAX_TITLE, Plan, make_plan
from grader.authoring.drafting.proposal_trials import settle
from grader.authoring.drafting.proposals.base import Observed
from grader.authoring.drafting.proposals.choose import proposals_for
from grader.authoring.drafting.proposals.notebook_code import NotebookCode, TaskCode
from grader.authoring.drafting.readers.detect import read_solved
from grader.authoring.drafting.readers.headings import headings_in
from grader.authoring.drafting.seeded_data import needs_seeds
from grader.authoring.drafting.solved import Placeholders, SolvedCell, SolvedNotebook, Task
from grader.authoring.drafting.solved_run import mark_cells
from grader.authoring.drafting.source import detect_language, read_file, read_handout, solved_cells
from grader.authoring.drafting.toml import AssignmentHead, DraftedMistake
from grader.authoring.drafting.writing import (
    DraftFolders,
    DraftWriter,
    in_words,
    marked_mistakes,
    without_words,
)
from grader.errors import AssignmentError
from grader.job import Job
from grader.messages import Language, word
from grader.notebook.cells import NotebookCell
from grader.notebook.format import table
from grader.progress import Progress
from grader.reference.runner import trusted_job
from grader.running.session import Launch, Session
from grader.settings import Limits, Settings
from grader.store.temporary import own_folder

SOLVED_LIMITS = Limits(cell_timeout_s=900, notebook_timeout_s=1800)
"""Limits of the notebook's own run, which is to find out how long it takes."""
TIME_FACTOR = 10.0
"""How many times the notebook's own time students get."""
MAX_TRIED_S = 15.0
"""Longest run of a notebook with which proposals are tried with other data, and mistakes."""
SEEDS_S = {"quick": 0.0, "default": 60.0, "thorough": 600.0}
"""Per effort, time for the runs with other seeds, in seconds; one takes place in any case."""
TABLES = (".csv", ".tsv")
"""Endings of files of rows."""
MAX_VARIED_FILES = 1
HOW_TO_MARK = (
    "Put a heading '# Exercise 1' above one, or '# grade: NAME = VALUE' below the line of its "
    "answer."
)


@dataclass(frozen=True)
class Draft:
    """The written assignment, and notes for the instructor."""

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
    """Folders with the replaced files."""
    failed: tuple[FailedCell, ...] = ()
    raising: tuple[int, ...] = ()
    """Numbers of the given cells that raise, which is taken to be meant."""
    is_quick: bool = False
    """Whether the instructor asked for no more runs than needed."""
    missing_files: tuple[str, ...] = ()
    """Files that the notebook reads and that are not beside it."""
    given_answers: tuple[GivenAnswer, ...] = ()
    """Answers that a file for students has."""
    answer_modules: tuple[str, ...] = ()
    """Modules that students get, and that only answers import."""
    seconds: float = 0.0
    """How long the solved notebook took."""
    skipped_ways: int = 0
    """Runs with other seeds that there was no time for."""
    is_tried: bool = True
    """Whether there was time to try proposals with other data, and mistakes."""
    untried_mistakes: int = 0
    """Number of mistakes that there was no time to try."""


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
        launch: creates the host of each kernel.
        handout: the course's own notebook without answers; None: it is made of the solved one.
        force: whether an assignment of that name is replaced; a backup of it is made beside it.

    Raises:
        AssignmentError: the name, or the notebook, cannot be used; nothing is written then.
    """
    check_name(name, settings.exercises, settings.solutions, force=force)
    drafter = _Drafter(name, path, settings, progress, handout)
    return asyncio.run(drafter.draft(launch))


class _Drafter:
    """Drafts an assignment from one notebook."""

    def __init__(
        self, name: str, path: Path, settings: Settings, progress: Progress, handout: Path | None
    ) -> None:
        self._name = name
        self._path = path
        self._progress = progress
        self._effort = settings.effort
        self._seconds = 0.0
        """How long the notebook takes."""
        self._untried_mistakes = 0
        self._folders = DraftFolders(settings.exercises / name, settings.solutions / name)

        content = read_file(path)
        solved = solved_cells(content)
        self._metadata: Mapping[str, Any] = table(content.get("metadata"))
        self._language = settings.language or detect_language(solved)
        given = None
        if handout:
            given = read_handout(handout)
        notebook = read_solved(solved, _placeholders(self._language), given)
        tasks = tuple(split_explained(notebook.tasks))
        self._notebook = replace(notebook, tasks=tasks)
        self._title = _find_title(solved, name)
        solved_code = []
        for cell in solved:
            solved_code.append(_as_notebook_cell(cell))
        self._data_sets = find_data_sets(path, solved_code)
        files = data_files(path, solved_code)
        self._files = tuple(file for file in files if not self._data_sets.has(file.name))
        self._answer_modules = tuple(answer_modules(path, self._notebook.cells, files))
        self._missing_files = missing_files(path, solved_code)
        _check_tasks(self._notebook.tasks, path)
        code = NotebookCode(self._notebook.cells)
        self._code = code
        self._tasks = [TaskCode(code, task) for task in self._notebook.tasks]

    async def draft(self, launch: Launch) -> Draft:
        """Run the notebook, propose checks, try them, and write the assignment."""
        with own_folder() as temporary:
            drafted = DraftFolders.below(temporary, self._name)
            async with Session(self._job(), launch) as session:
                self._progress.stage(word("draft-running", self._language), None)
                runs = NotebookRuns(
                    session, self._notebook.cells, self._tasks, SEEDS_S[self._effort]
                )
                observed = await runs.observe(self._progress)
                self._seconds = runs.seconds
                plan = self._make_plan(observed)
                self._progress.stage(word("draft-varying", self._language), None)
                await self._add_inputs(session, plan, observed, runs.seconds)

            writer = self._writer(runs, observed, drafted.exercises)
            is_tried = runs.seconds <= MAX_TRIED_S or self._effort == "thorough"
            if is_tried:
                await self._try_out(plan, writer, drafted, launch)
            else:
                await self._try_on_given_data(plan, writer, drafted, launch)
            writer.write(plan, drafted)
            backups = self._folders.replace_by(drafted)

        names = writer.mistake_names(plan)
        return Draft(
            name=self._name,
            language=self._language,
            notebook=self._notebook,
            plan=plan,
            mistakes=tuple(map(in_words, names)),
            unworded=without_words(names),
            exercises=self._folders.exercises,
            solutions=self._folders.solutions,
            backups=backups,
            failed=unexpected_failures(self._notebook.cells, observed.run),
            raising=meant_failures(self._notebook.cells, observed.run),
            is_quick=self._effort == "quick",
            missing_files=self._missing_files,
            answer_modules=self._answer_modules,
            given_answers=tuple(answers_in_modules(self._tasks, writer.contents)),
            seconds=runs.seconds,
            skipped_ways=runs.skipped_ways,
            is_tried=is_tried,
            untried_mistakes=self._untried_mistakes,
        )

    def _job(self) -> Job:
        """Build the job that runs the solved notebook."""
        return Job(
            cells=(),
            files=self._files,
            data=self._data_sets.folders(),
            limits=SOLVED_LIMITS,
            figures=True,
            trusted=True,
        )

    async def _try_out(
        self, plan: Plan, writer: DraftWriter, drafted: DraftFolders, launch: Launch
    ) -> None:
        """Try the proposals, then mistakes."""
        self._progress.stage(word("draft-trying", self._language), None)
        is_settled = await settle(plan, writer, drafted, launch, self._progress)
        if self._effort == "quick":
            return
        if is_settled:
            await self._add_mistakes(plan, writer, drafted, launch)

    async def _try_on_given_data(
        self, plan: Plan, writer: DraftWriter, drafted: DraftFolders, launch: Launch
    ) -> None:
        """Try the proposals once, on the original data only: the notebook takes long."""
        self._progress.stage(word("draft-trying", self._language), None)
        unvaried = plan.without_variants()
        await settle(unvaried, writer, drafted, launch, self._progress, max_rounds=1)
        plan.exercises = unvaried.exercises

    def _make_plan(self, observed: Observed) -> Plan:
        proposals = []
        for task in self._tasks:
            proposals.append(proposals_for(task, observed))
        plan = make_plan(self._notebook, proposals)
        plan.data = find_data(self._notebook.cells, plan.following_tasks, observed.run)
        return plan

    async def _add_inputs(
        self, session: Session, plan: Plan, observed: Observed, seconds: float
    ) -> None:
        """Find variants for the data: other numbers, or other seeds if seeds generate it."""
        right = plan.right_values
        moved = needs_seeds(plan, self._tasks, observed)
        plan.seeds = bool(moved)
        if seconds > MAX_TRIED_S:
            plan.constant = tuple(name for name in right if name not in moved)
            return
        first_marks = {}
        for name, marks in plan.marks.items():
            if name in right:
                first_marks[name] = marks[0]
        marked = mark_cells(self._notebook.cells, first_marks)
        cells = VariedCells(marked, observed.failed)
        tried = await try_inputs(session, plan.data.inputs, cells, right)
        if not moved:
            plan.inputs = tried.inputs
            for drafted in tried.inputs:
                plan.draws[drafted.data.name] = draws_like(drafted.data, tried.family)
            if not plan.inputs:
                plan.files = self._varied_files()
        plan.constant = tuple(name for name in tried.constant if name not in moved)

    def _varied_files(self) -> tuple[str, ...]:
        """List the data files that are tables of rows."""
        tables = []
        for file in self._files:
            if file.path.suffix.lower() in TABLES:
                tables.append(file)
        varied = tables[:MAX_VARIED_FILES]
        return tuple(file.name for file in varied)

    def _writer(self, runs: NotebookRuns, observed: Observed, exercises: Path) -> DraftWriter:
        data = ""
        if self._data_sets.folder is not None:
            data = copy_folder(self._data_sets.folder, exercises)
        sets = {"data": data, "datasets": self._data_sets.classes}
        limits = _student_limits(runs.seconds)
        head = AssignmentHead(
            title=self._title,
            handout=f"{self._name}.ipynb",
            files=tuple(file.name for file in self._files),
            limits=limits.model_copy(update=sets),
        )
        return DraftWriter(
            notebook=self._notebook,
            metadata=self._metadata,
            head=head,
            language=self._language,
            contents=read_contents(self._files),
            failed=observed.failed,
        )

    async def _add_mistakes(
        self, plan: Plan, writer: DraftWriter, drafted: DraftFolders, launch: Launch
    ) -> None:
        """Find the mistakes that are worth knowing, and write them.

        A notebook with marked mistakes gets no others.
        """
        if marked_mistakes(self._notebook.cells):
            return
        answers: set[int] = set()
        for task in plan.automatic_tasks:
            answers.update(task.cells)
        proposed = self._in_time(propose_mistakes(self._notebook.cells, sorted(answers)))
        if not proposed:
            return

        steps = 2 * len(proposed)
        self._progress.stage(word("draft-mistaking", self._language), steps)
        try:
            recognised = await self._try_mistakes(plan, writer, drafted, launch, proposed)
        except AssignmentError:
            # The files are not right yet: `validate` runs next, and says why.
            recognised = []
        plan.mistakes = [mistake for mistake in plan.mistakes if mistake.kind in recognised]

    def _in_time(self, proposed: Sequence[ProposedMistake]) -> Sequence[ProposedMistake]:
        """Return the mistakes to try, and note how many there is no time for."""
        if self._effort == "thorough":
            return proposed
        tried = mistakes_in_time(proposed, self._seconds)
        self._untried_mistakes = len(proposed) - len(tried)
        return tried

    async def _try_mistakes(
        self,
        plan: Plan,
        writer: DraftWriter,
        drafted: DraftFolders,
        launch: Launch,
        proposed: Sequence[ProposedMistake],
    ) -> Collection[str]:
        """Write the mistakes that change an answer into the reference, and grade it with each."""
        solution = writer.load(drafted)
        async with Session(trusted_job(solution), launch) as session:
            trials = MistakeTrials(solution, session, self._progress)
            stored = await trials.run_reference()
            plan.mistakes = await trials.find_telling(proposed, self._notebook.cells, stored)
            writer.write(plan, drafted)

            trials = MistakeTrials(writer.load(drafted), session, self._progress)
            names = [mistake.kind for mistake in plan.mistakes]
            return await trials.find_recognised(names, stored)


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


def _student_limits(seconds: float) -> Limits:
    """Choose limits for students from the run time of the solved notebook.

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
    """Find the first heading that is not an exercise's, or else use the assignment's name."""
    for cell in cells:
        for heading in headings_in(cell):
            is_title = not heading.is_exercise or strip_number(heading.text)
            if heading.level == 1 and is_title:
                return heading.text[:MAX_TITLE]
    return name.replace("-", " ").capitalize()
