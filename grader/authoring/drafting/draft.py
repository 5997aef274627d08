"""Drafts an assignment from a solved notebook, and writes it: the steps of `grade new`, in order."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.assignment import FILE_NAME, load_assignment
from grader.authoring.drafting import notebooks, toml
from grader.authoring.drafting.candidates import candidates
from grader.authoring.drafting.files import check_name, contents, data_files, put_aside, write
from grader.authoring.drafting.inputs import find_data
from grader.authoring.drafting.mistake_trials import (
    ProposedMistakeTrials,
    marked_cells,
    run_solved,
    try_inputs,
    values_of,
)
from grader.authoring.drafting.mistakes import RULES, ProposedMistake, proposed_mistakes
from grader.authoring.drafting.names import is_kebab, kebab, without_number
from grader.authoring.drafting.plan import Observed, Plan, plan
from grader.authoring.drafting.readers.detect import read
from grader.authoring.drafting.readers.headings import headings_in, is_exercise
from grader.authoring.drafting.solved import Piece, Placeholders, Reading, SolvedCell
from grader.authoring.drafting.source import cells_of, language_of, read_file
from grader.authoring.drafting.toml import DraftedMistake
from grader.errors import AssignmentError
from grader.messages import LANGUAGES, Language, word
from grader.notebook.cells import NotebookCell
from grader.notebook.format import table
from grader.progress import Progress
from grader.reference.files import ReferenceFiles
from grader.reference.markers import MARKER
from grader.running.session import Launch, Session
from grader.settings import Limits, Settings
from grader.trace import Job

PATIENT = Limits(cell_timeout_s=900, notebook_timeout_s=1800)
"""Limits of the notebook's own run: how long it takes is what is to be found out."""
ROOM = 3.0
"""How many times the notebook's own time students get."""
HOW_TO_SHOW = "Show such a value at the end of its cell, or mark it there: '# grade: NAME = VALUE'."
HOW_TO_MARK = "Put a heading '# Exercise 1' above one, or '# grade: NAME = VALUE' below the line of its answer."


@dataclass(frozen=True)
class Draft:
    """What was written, and what there is to look at."""

    name: str
    language: Language
    reading: Reading
    plan: Plan
    mistakes: tuple[DraftedMistake, ...]
    unworded: tuple[str, ...]
    """Mistakes that the notebook marks and that nobody has words for yet."""
    exercises: Path
    """The folder of the handout."""
    solutions: Path
    """The folder of the reference."""
    kept: tuple[Path, ...] = ()
    """Where what stood there before is now."""


def draft(
    name: str, path: Path, settings: Settings, progress: Progress, launch: Launch, *, force: bool
) -> Draft:
    """Draft an assignment from a solved notebook, and write its files.

    Args:
        name: the assignment's.
        path: the solved notebook.
        settings: where assignments and references lie, and the language; None: that of the notebook's words.
        progress: told of what takes time.
        launch: gives each kernel its host.
        force: whether an assignment of that name is replaced. It is kept beside.

    Raises:
        AssignmentError: the name, or the notebook, cannot be used; nothing is written then.
    """
    check_name(name, settings.exercises, settings.solutions, force=force)
    return asyncio.run(_Drafter(name, path, settings, progress, launch).draft())


class _Drafter:
    """One notebook on its way to an assignment."""

    def __init__(
        self, name: str, path: Path, settings: Settings, progress: Progress, launch: Launch
    ) -> None:
        self._launch = launch
        notebook = read_file(path)
        self._name, self._path, self._progress = name, path, progress
        self._metadata: Mapping[str, Any] = table(notebook.get("metadata"))
        self._cells = cells_of(notebook)
        self._language: Language = settings.language or language_of(self._cells)
        self._reading = read(self._cells, _placeholders(self._language))
        self._pieces = self._reading.pieces
        self._files = data_files(
            path, [NotebookCell(kind=c.kind, source=c.source) for c in self._cells]
        )
        self._limits = Limits()
        self._exercises, self._solutions = settings.exercises / name, settings.solutions / name
        if not self._reading.tasks:
            raise AssignmentError("nothing in it looks like an exercise.", HOW_TO_MARK, where=path)
        for task in self._reading.tasks:
            if task.marked and not is_kebab(task.name):
                problem = f"a mark names the exercise {task.name!r}."
                raise AssignmentError(
                    problem,
                    f"Write it in kebab case: {kebab(task.name) or 'exercise-1'}.",
                    where=path,
                )

    async def draft(self) -> Draft:
        """Run the notebook, propose, write, and try mistakes."""
        job = Job(cells=(), files=self._files, limits=PATIENT, trusted=True)
        async with Session(job, self._launch) as session:
            self._progress.stage(word("draft-running", self._language), None)
            made = await self._planned(session)
            self._progress.stage(word("draft-varying", self._language), None)
            await self._vary(session, made)
            data = contents(self._files)  # they may lie in what is put aside
            kept = tuple(filter(None, map(put_aside, (self._exercises, self._solutions))))
            write(self._exercises, data)
            self._write(made)
            await self._try_slips(session, made)
        names = self._mistakes(made.slips)
        return Draft(
            name=self._name,
            language=self._language,
            reading=self._reading,
            plan=made,
            mistakes=tuple(map(_worded, names)),
            unworded=tuple(name for name in names if name not in RULES),
            exercises=self._exercises,
            solutions=self._solutions,
            kept=kept,
        )

    async def _planned(self, session: Session) -> Plan:
        """Run the notebook with a mark on each value that may be an answer, and choose."""
        found = {
            task: candidates(self._pieces, task)
            for task in self._reading.tasks
            if not task.question
        }
        asked = dict.fromkeys(one for task, own in found.items() if not task.marked for one in own)
        looked_at = {f"draft-{number}": one for number, one in enumerate(asked)}
        cells = marked_cells(self._pieces, looked_at)
        began = time.monotonic()
        run = await run_solved(session, self._pieces, cells, self._path)
        self._limits = _with_room(time.monotonic() - began)
        gave = values_of(run, cells)
        values = {one: gave[name] for name, one in looked_at.items() if name in gave}
        made = plan(self._reading, Observed(run, found, values, gave))
        made.data = find_data(self._pieces, made.tasks("value"), run)
        if not made.taken:
            titles = ", ".join(f"“{task.title}”" for task in made.without_value[:3])
            problem = (
                f"no exercise gives a number, a tensor or a graph that can be compared: {titles}."
            )
            raise AssignmentError(problem, HOW_TO_SHOW, where=self._path)
        return made

    async def _vary(self, session: Session, made: Plan) -> None:
        cells = marked_cells(self._pieces, made.marks)
        tried = await try_inputs(session, made.data.inputs, cells, made.right)
        made.inputs, made.constant = tried.inputs, tried.constant

    async def _try_slips(self, session: Session, made: Plan) -> None:
        """Find the mistakes that are worth knowing, and write them."""
        answers = sorted({cell for task in made.tasks("value", "graph") for cell in task.cells})
        tried = proposed_mistakes(self._pieces, answers) if not self._mistakes(()) else []
        if not tried:
            return
        self._progress.stage(word("draft-mistaking", self._language), 2 * len(tried))
        try:
            trials = ProposedMistakeTrials(self._solution(), session, self._progress)
            stored = await trials.reference()
            made.slips = await trials.telling(tried, self._pieces, stored)
            self._write(made)
            trials = ProposedMistakeTrials(self._solution(), session, self._progress)
            known = await trials.recognised([slip.kind for slip in made.slips], stored)
        except (
            AssignmentError
        ):  # what was written is not right yet: `validate` says why, and it runs next
            known = []
        made.slips = [slip for slip in made.slips if slip.kind in known]
        self._write(made)

    def _solution(self) -> ReferenceFiles:
        return ReferenceFiles(load_assignment(self._exercises), self._solutions)

    def _mistakes(self, proposed: Sequence[ProposedMistake]) -> list[str]:
        """The names of the reference's mistakes: those that its marks name, and those that are proposed."""
        return list(
            dict.fromkeys([*_own_mistakes(self._pieces), *(slip.kind for slip in proposed)])
        )

    def _write(self, made: Plan) -> None:
        """Write all files of both folders, as far as the plan has come."""
        notebook = f"{self._name}.ipynb"
        assignment = toml.assignment(
            toml.Head(
                _title(self._cells, self._name),
                notebook,
                tuple(file.name for file in self._files),
                self._limits,
            ),
            [one.exercise for one in made.taken],
            self._language,
        )
        write(
            self._exercises,
            {notebook: notebooks.handout(self._pieces, self._metadata), FILE_NAME: assignment},
        )
        mistakes = map(_worded, self._mistakes(made.slips))
        files = {
            notebook: notebooks.reference(self._pieces, self._metadata, made.added()),
            "variants.toml": toml.variants(made.inputs, self._language),
            "mistakes.toml": toml.mistakes(mistakes, self._language),
        }
        write(self._solutions, files)


def _placeholders(language: Language) -> Placeholders:
    return Placeholders(
        f"# {word('draft-code-here', language)}", f"*{word('draft-answer-here', language)}*"
    )


def _with_room(seconds: float) -> Limits:
    """Limits for students, from the time that the solved notebook took; never less than the usual ones."""
    usual = Limits()
    roomy = 10.0 * math.ceil(seconds * ROOM / 10)
    times = {
        "cell_timeout_s": max(usual.cell_timeout_s, roomy),
        "notebook_timeout_s": max(usual.notebook_timeout_s, 2 * roomy),
    }
    return usual.model_copy(update=times)


def _title(cells: Sequence[SolvedCell], name: str) -> str:
    """The first heading that is none of an exercise's; else the assignment's name."""
    for level, heading in (heading for cell in cells for heading in headings_in(cell)):
        if level == 1 and (not is_exercise(heading) or without_number(heading)):
            return heading[:200]
    return name.replace("-", " ").capitalize()


def _own_mistakes(pieces: Sequence[Piece]) -> list[str]:
    """The mistakes that marks of ours in a notebook name."""
    lines = (
        line.text for piece in pieces if piece.kind == "code" for line in piece.lines if line.solved
    )
    return [found["wrong"] for line in lines if (found := MARKER.match(line)) and found["wrong"]]


def _worded(name: str) -> DraftedMistake:
    """A mistake with words in every language: of a kind that is known its own, of another one those of any."""
    if name in RULES:
        names = {language: word(f"draft-mistake-{name}", language) for language in LANGUAGES}
        return DraftedMistake(
            name, names, {language: word(f"draft-hint-{name}", language) for language in LANGUAGES}
        )
    said = dict.fromkeys(LANGUAGES, name.replace("-", " "))
    return DraftedMistake(
        name, said, {language: word("draft-unworded-hint", language) for language in LANGUAGES}
    )
