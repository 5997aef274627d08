"""Read the files of `solutions/<name>/`, and check them against the assignment."""

from __future__ import annotations

import hashlib
import importlib.metadata
import itertools
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

import grader
from grader.assignment import CHECK_FIELDS, Assignment
from grader.errors import AssignmentError
from grader.grading.marked_answers import MarkedAnswer
from grader.job import Question
from grader.notebook.cells import NotebookCell, read_cells, read_toml
from grader.notebook.field_faults import invalid
from grader.notebook.headings import heading_above, headings
from grader.notebook.slicing import names_bound_by
from grader.reference.answer_places import marked_answers
from grader.reference.data_folders import find_data
from grader.reference.file_variants import digests
from grader.reference.markers import (
    Mark,
    MarkedCell,
    Reference,
    edit_lines,
    edit_text,
    read_reference,
    tuple_of,
)
from grader.reference.own_paths import with_own_paths
from grader.reference.probes import CODE_FILE, read_probes
from grader.reference.tables import (
    AcceptedTable,
    GuidesFile,
    MistakesFile,
    MistakeTable,
    VariantsFile,
)

M = TypeVar("M", bound=BaseModel)

DECIDING_FIELDS = {"id", "check", "look_in", "rtol", "atol", "given", "given_from", "setup"}.union(
    *(
        set(fields.model_fields).difference(fields.practice, fields.compared)
        for fields in CHECK_FIELDS.values()
    )
)
"""Fields of an exercise that say which values of a submission matter: on them depends which of its
cells run on the variants."""

FIELDS_BY_EXERCISE = ("credit", "leaves_out", "happened", "shown")
"""Fields of a table of `mistakes.toml` that name exercises."""

MAX_COMBINED = 3
"""Most mistakes that are looked for together in one submission."""


class ReferenceFiles:
    """The files of `solutions/<name>/`, read and checked against the assignment."""

    def __init__(self, assignment: Assignment, folder: Path) -> None:
        """Read the reference, its variants, its mistakes and its guides.

        Raises:
            AssignmentError: a file is missing, does not parse, or lacks a marker.
        """
        self.assignment = assignment
        self.folder = folder
        self.notebook = folder / f"{assignment.name}.ipynb"
        """The solved notebook."""
        self.cells: tuple[NotebookCell, ...] = read_cells(self.notebook)
        """Its cells, with their marks as comments."""
        self.reference = self._read_reference()
        """Its code cells without marks, and the marks."""
        self.probes = read_probes(folder)
        """Code and files that are added for the questions after the cells have run."""
        self.questions = self._questions()
        """Questions to a notebook after its cells have run."""
        self.variants = _read_table(VariantsFile, folder / "variants.toml", assignment.language)
        self.data = find_data(assignment)
        """Folders of data that notebooks read."""
        mistakes_file = _read_table(MistakesFile, folder / "mistakes.toml", assignment.language)
        self.mistakes: Mapping[str, MistakeTable] = mistakes_file.mistakes
        accepted = mistakes_file.accepted
        self.accepted: Mapping[str, AcceptedTable] = {table.id: table for table in accepted}
        self.waived = mistakes_file.waived
        guides_file = _read_table(GuidesFile, folder / "guides.toml", assignment.language)
        self.guides = guides_file.root
        """Per exercise that a person reads, its grading guide and rubric items."""

        self._check_marks()
        self._check_given()
        self._check_mistakes(folder / "mistakes.toml")
        self._check_guides(folder / "guides.toml")

    def _read_reference(self) -> Reference:
        code: list[tuple[int, str]] = []
        for index, cell in enumerate(self.cells):
            if cell.kind == "code" and cell.source.strip():
                code.append((index, cell.source))
        try:
            return read_reference(code)
        except AssignmentError as error:
            raise AssignmentError(error.problem, error.advice, where=self.notebook) from None

    def _questions(self) -> tuple[Question, ...]:
        """Complete the questions with the author's code, and with the names of other answers."""
        questions = self.probes.complete(self.assignment.questions)
        if not any(question.own for question in questions):
            return questions
        return with_own_paths(questions, self.assignment, self.marked_answers())

    @property
    def marked_cells(self) -> list[MarkedCell]:
        """Its code cells, and one at the end for each exercise with expressions."""
        return [*self.reference.cells, *self._asking_cells()]

    @property
    def cells_to_mutate(self) -> list[MarkedCell]:
        """Its cells, and one at the end for each network that is measured.

        Other questions at the end may depend on long training, for which mutants need not lose
        points.
        """
        measured = {question.exercise for question in self.questions if question.module}
        cells: list[MarkedCell] = list(self.reference.cells)
        for cell in self._asking_cells():
            mark = cell.marks[0]
            if mark.exercise in measured:
                cells.append(cell)
        return cells

    def network_cells(self) -> frozenset[int]:
        """Return the indices of the cells that define the measured networks."""
        names = {question.module for question in self.questions if question.module}
        binding: set[int] = set()
        for cell in self.reference.cells:
            bound = names_bound_by(cell.code)
            if not names.isdisjoint(bound):
                binding.add(cell.cell)
        return frozenset(binding)

    def _asking_cells(self) -> Iterator[MarkedCell]:
        """Yield empty cells with marks that evaluate the expressions of an exercise."""
        expressions = (question for question in self.questions if not question.function)
        for cell, question in enumerate(expressions, start=len(self.cells)):
            mark = Mark(
                exercise=question.exercise,
                value=tuple_of(question.names),
                credit=1.0,
                each=False,
                after=0,
                indent="",
            )
            yield MarkedCell(cell, "", (mark,))

    def _marks(self) -> Iterator[Mark]:
        for cell in self.marked_cells:
            yield from cell.marks

    def asks_for(self, name: str) -> str:
        """Return the exercise with an answer of this marked name; empty if there is none."""
        for mark in self._marks():
            if mark.value == name and not mark.label:
                return mark.exercise
        return ""

    def sections(self) -> dict[str, str]:
        """Return, by exercise, the heading of the handout above the first mark of its answer."""
        given_headings: set[str] = set()
        for given_cell in self.assignment.handout:
            given_headings.update(headings(given_cell))

        sections: dict[str, str] = {}
        for cell in self.reference.cells:
            heading = heading_above(self.cells, cell.cell)
            if heading not in given_headings:
                continue
            for mark in cell.marks:
                if not mark.label:
                    sections.setdefault(mark.exercise, heading)
        return sections

    def marked_answers(self) -> dict[str, MarkedAnswer]:
        """Return, by exercise, where its answer is and which name it has."""
        return marked_answers(self.cells, self.reference.cells, self.assignment)

    # Checks

    def _check_marks(self) -> None:
        """Require marks for exactly the automatic exercises."""
        assignment = self.assignment
        marks = list(self._marks())
        answered = {mark.exercise for mark in marks if not mark.label}
        named = {mark.exercise for mark in marks}
        automatic = {exercise.id for exercise in assignment.exercises if exercise.automatic}
        for missing in sorted(automatic - answered):
            raise AssignmentError(
                f"no line '# grade: {missing} = …' marks the answer of exercise {missing}.",
                "Add it after the line that computes the answer.",
                where=self.notebook,
            )
        not_asked = {exercise.id for exercise in assignment.not_asked}
        for unknown in sorted(named - automatic - not_asked):
            raise AssignmentError(
                f"the mark of {unknown!r} names no exercise that is graded automatically.",
                "Correct the name, here or in assignment.toml.",
                where=self.notebook,
            )

    def _check_given(self) -> None:
        """Require that the start value of an exercise is another exercise's answer."""
        for exercise in self.assignment.exercises:
            given = exercise.given
            if given and self.asks_for(given) in ("", exercise.id):
                raise AssignmentError(
                    f"exercise {exercise.id} is given {given}, "
                    "which no other exercise's mark names.",
                    f"Write '# grade: ID = {given}' where it is the answer, or leave 'given' out.",
                    where=self.notebook,
                )

    def _check_mistakes(self, path: Path) -> None:
        """Require texts for each mistake, and existing exercises."""
        for edit in self.reference.edits:
            if edit.mistake not in self.mistakes:
                raise AssignmentError(
                    f"'# wrong({edit.mistake})' stands in the reference, but not here.",
                    f"Add [mistakes.{edit.mistake}] with a name and a hint.",
                    where=path,
                )
        for name, mistake in self.mistakes.items():
            self._check_exercises(f"mistakes.{name}", mistake, path)
        for name, accepted in self.accepted.items():
            self._check_exercises(f"accepted {name}", accepted, path)

    def _check_exercises(self, where: str, table: MistakeTable | AcceptedTable, path: Path) -> None:
        fields = table.model_dump(include=set(FIELDS_BY_EXERCISE))
        for field in FIELDS_BY_EXERCISE:
            for exercise in fields.get(field, ()):
                if self.assignment.exercise(exercise) is None:
                    raise AssignmentError(
                        f"{where}.{field}: there is no exercise {exercise}.",
                        "Correct its name.",
                        where=path,
                    )

    def _check_guides(self, path: Path) -> None:
        """Require that guides are for reviewed exercises."""
        for name in self.guides:
            exercise = self.assignment.exercise(name)
            if exercise is None:
                raise AssignmentError(
                    f"there is no exercise {name}.", "Correct its name.", where=path
                )
            if exercise.automatic:
                raise AssignmentError(
                    f"nobody reads the answer of {name}.", "Remove its guide.", where=path
                )

    # Versions

    @property
    def version(self) -> str:
        """Hash of everything that the answers depend on."""
        accepted = [
            table.model_dump(mode="json", include={"id", "credit", "edits"})
            for table in self.accepted.values()
        ]
        limits = self.assignment.limits.model_dump(mode="json")
        parts = [
            self._marked_cells(),
            self.probes.version,
            accepted,
            self._variants_that_grade(),
            [folder.digest for folder in self.data],
            self._deciding_fields(),
            limits,
            sorted(self.assignment.handout_sources()),
            grader.__version__,
            importlib.metadata.version("torch"),
            importlib.metadata.version("torchvision"),
        ]
        return _hash(parts)

    @property
    def mistakes_version(self) -> str:
        """Hash of everything that the mistakes' values depend on."""
        parts = [self.version, self._edits()]
        return _hash(parts)

    @property
    def parts(self) -> dict[str, str]:
        """Hash of each thing that a run depends on, by file: they show why it ran again."""
        assignment = self.assignment
        name = assignment.name
        limits = assignment.limits.model_dump(mode="json")
        handout_sources = assignment.handout_sources()
        solution = f"{self.folder.parent.name}/{name}"
        exercise = f"{assignment.folder.parent.name}/{name}"
        parts: dict[str, object] = {
            f"{solution}/{name}.ipynb": self._marked_cells(),
            f"{solution}/variants.toml": self._variants_that_grade(),
            f"{solution}/{CODE_FILE}": self.probes.version,
            f"{solution}/mistakes.toml": self._edits(),
            f"{exercise}/assignment.toml": [limits, self._deciding_fields()],
            f"{exercise}/": sorted(handout_sources),
            "grader": grader.__version__,
            "torch": importlib.metadata.version("torch"),
        }
        parts |= {f"{exercise}/{folder.name}/": folder.digest for folder in self.data}
        return {file: _hash(part) for file, part in parts.items()}

    def _variants_that_grade(self) -> object:
        practice = {"__all__": {"practice"}}
        excluded = dict.fromkeys(("inputs", "files", "datasets", "seeds"), practice)
        tables = self.variants.model_dump(mode="json", exclude=excluded, exclude_defaults=True)
        files = digests(self.variants.files, self.folder)
        return [tables, files]

    def _deciding_fields(self) -> list[object]:
        return [
            exercise.model_dump(mode="json", include=DECIDING_FIELDS)
            for exercise in self.assignment.exercises
        ]

    def _marked_cells(self) -> list[object]:
        cells: list[object] = []
        for cell in self.reference.cells:
            marks = list(map(repr, cell.marks))
            cells.append([cell.code, marks])
        return cells

    def _edits(self) -> list[object]:
        edits = {}
        for name, mistake in self.mistakes.items():
            table = mistake.model_dump(mode="json")
            edits[name] = table["edits"]
        line_edits = list(map(repr, self.reference.edits))
        return [edits, line_edits]

    # The reference with something else in it

    def mistaken(self, *names: str) -> list[MarkedCell]:
        """Return the reference's cells with mistakes in them.

        Raises:
            AssignmentError: a mistake edits nothing, its text does not occur exactly once, or two
                mistakes change the same line.
        """
        all_line_edits = self.reference.edits
        marked = {edit.mistake for edit in all_line_edits}
        for name in names:
            mistake = self.mistakes[name]
            if not mistake.edits and name not in marked:
                raise AssignmentError(
                    f"mistake {name} edits nothing.",
                    f"Add 'edits', or '# wrong({name}): …' in the reference.",
                    where=self.folder / "mistakes.toml",
                )
        line_edits = [edit for edit in all_line_edits if edit.mistake in names]
        cells = edit_lines(self.reference.cells, line_edits)
        for name in names:
            mistake = self.mistakes[name]
            cells = _edited(cells, mistake, f"mistake {name}")
        return [*cells, *self._asking_cells()]

    def accepted_way(self, name: str) -> list[MarkedCell]:
        """Return the reference's cells in an accepted way.

        Raises:
            AssignmentError: its text does not occur exactly once.
        """
        accepted = self.accepted[name]
        cells = _edited(self.reference.cells, accepted, f"accepted {name}")
        return [*cells, *self._asking_cells()]

    def combinations(self, names: Collection[str]) -> list[tuple[str, ...]]:
        """List two or three mistakes that can occur together: they change different lines.

        Args:
            names: the mistakes to combine.

        Returns:
            The ids of each, in the order of their changes in the reference.
        """
        ordered = sorted(names, key=self._first_change)
        all_pairs = itertools.combinations(ordered, 2)
        pairs = [pair for pair in all_pairs if self._can_stand_together(pair)]
        combinations: list[tuple[str, ...]] = list(pairs)
        compatible = set(pairs)
        for three in itertools.combinations(ordered, MAX_COMBINED):
            pairs_of_it = itertools.combinations(three, 2)
            if not compatible.issuperset(pairs_of_it):
                continue
            if self._can_stand_together(three):
                combinations.append(three)
        return combinations

    def _first_change(self, name: str) -> tuple[int, int]:
        """Return cell and line of a mistake's first change."""
        changes = [(edit.cell, edit.line) for edit in self.reference.edits if edit.mistake == name]
        mistake = self.mistakes[name]
        for edit in mistake.edits:
            edited = (cell for cell in self.reference.cells if edit.find in cell.code)
            cell = next(edited)
            before, _, _ = cell.code.partition(edit.find)
            line = before.count("\n")
            changes.append((cell.cell, line))
        return min(changes)

    def _can_stand_together(self, names: Sequence[str]) -> bool:
        try:
            self.mistaken(*names)
        except AssignmentError:
            return False
        return True


def _edited(
    cells: Sequence[MarkedCell], table: MistakeTable | AcceptedTable, where: str
) -> list[MarkedCell]:
    """Apply the text edits of a table to some cells."""
    edited = list(cells)
    for edit in table.edits:
        edited = edit_text(edited, edit.find, edit.replace, where)
    return edited


def _hash(content: object) -> str:
    text = json.dumps(content)
    digest = hashlib.sha256(text.encode())
    return digest.hexdigest()[:16]


def _read_table(model: type[M], path: Path, language: str) -> M:
    """Read a TOML file of the author's; an empty table if there is none."""
    if not path.exists():
        return model()
    content = read_toml(path)
    try:
        return model.model_validate(content, context=language)
    except ValidationError as error:
        raise invalid(path, error, model, content) from None
