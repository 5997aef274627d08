"""Find loose files that are a student's submission in place of a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from grader.assignment import Assignment
from grader.notebook.folding import split_words
from grader.submissions.file_kinds import Kind
from grader.submissions.handed_in import HandedInFile
from grader.submissions.paths import stem_of
from grader.submissions.submission import Submission

_INSTEAD: frozenset[Kind] = frozenset(
    {"pdf", "page", "document", "script", "archive", "picture", "link"}
)
"""Kinds of files that students hand in where a notebook was expected."""

_OF_THE_COURSE = frozenset(
    {
        *("readme", "license", "instructions", "instrucoes", "rubric", "rubrica", "syllabus"),
        *("assignment", "atividade", "enunciado", "homework", "handout", "slides", "gradebook"),
        *("setup", "conftest", "utils", "requirements", "index", "grades", "notas", "leia"),
        *("instrucciones", "consigna", "calificaciones", "leeme"),
    }
)
"""Words in the names of files that a course puts beside the notebooks."""


class LooseFiles:
    """The loose files of a class, beside its notebooks."""

    def __init__(
        self, submissions: Sequence[Submission], assignments: Sequence[Assignment]
    ) -> None:
        """Initialise with the notebooks of the class, and the possible assignments."""
        self._folders = {PurePosixPath(submission.file).parent for submission in submissions}
        self._stems = {stem_of(submission.file).casefold() for submission in submissions}
        for assignment in assignments:
            self._stems |= {assignment.name.casefold(), stem_of(assignment.handout_name).casefold()}

        sources = [cell.source for each in submissions for cell in each.cells]
        self._text = "\n".join(sources)

    def is_a_students(self, file: HandedInFile) -> bool:
        """Return whether a file is where each student has a notebook, and no companion of one."""
        name = PurePosixPath(file.name)
        stem = stem_of(file.name)
        words = split_words(stem)

        if file.kind not in _INSTEAD:
            return False
        if name.parent not in self._folders:
            return False
        if stem.casefold() in self._stems:
            return False
        if not _OF_THE_COURSE.isdisjoint(words):
            return False
        return not self._is_named(name)

    def _is_named(self, name: PurePosixPath) -> bool:
        """Return whether a notebook names the file, or imports it."""
        if name.name in self._text:
            return True
        is_module = name.suffix.lower() == ".py" and name.stem.isidentifier()
        imports = (f"import {name.stem}", f"from {name.stem} ")
        if not is_module:
            return False
        return any(text in self._text for text in imports)
