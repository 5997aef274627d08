"""Write the files of a draft: the handout, the reference, and their tables."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.assignment import FILE_NAME, load_assignment
from grader.authoring.drafting import notebooks, toml
from grader.authoring.drafting.files import move_to_backup, write_files
from grader.authoring.drafting.mistake_rules import RULES
from grader.authoring.drafting.plan import Plan
from grader.authoring.drafting.solved import DraftCell, SolvedNotebook
from grader.authoring.drafting.toml import AssignmentHead, DraftedMistake, VariedData
from grader.messages import LANGUAGES, Language, word
from grader.reference.files import ReferenceFiles
from grader.reference.markers import MARKER
from grader.reference.probes import CODE_FILE


@dataclass(frozen=True)
class DraftFolders:
    """The two folders of an assignment."""

    exercises: Path
    """The folder of the handout."""
    solutions: Path
    """The folder of the reference."""

    @classmethod
    def below(cls, folder: Path, name: str) -> DraftFolders:
        """Return the same folders below another one."""
        exercises = folder / "exercises" / name
        solutions = folder / "solutions" / name
        return cls(exercises, solutions)

    def replace_by(self, drafted: DraftFolders) -> tuple[Path, ...]:
        """Move the folders of a draft here; return the backups of earlier ones."""
        backups = []
        pairs = [(self.exercises, drafted.exercises), (self.solutions, drafted.solutions)]
        for folder, new in pairs:
            backup = move_to_backup(folder)
            if backup is not None:
                backups.append(backup)
            folder.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(new, folder)
        return tuple(backups)


@dataclass(frozen=True)
class DraftWriter:
    """Writes the plan of one notebook, repeatedly as it changes."""

    notebook: SolvedNotebook
    metadata: Mapping[str, Any]
    """That of the instructor's file."""
    head: AssignmentHead
    language: Language
    contents: Mapping[str, bytes]
    """The data files, by their names."""
    failed: frozenset[int] = frozenset()
    """Indices of the cells that did not run to their end."""

    def write(self, plan: Plan, folders: DraftFolders) -> None:
        """Write all files of both folders, as far as the plan is complete."""
        self._write_exercises(plan, folders.exercises)
        self._write_solutions(plan, folders.solutions)

    def _write_exercises(self, plan: Plan, folder: Path) -> None:
        exercises = [planned.exercise for planned in plan.exercises]
        assignment = toml.format_assignment(self.head, exercises, self.language)
        handout: str | bytes | None = self.notebook.handout
        if not handout:
            handout = notebooks.format_handout(self._cells, self.metadata)
        files = {**self.contents, self.head.handout: handout, FILE_NAME: assignment}
        write_files(folder, files)

    def _write_solutions(self, plan: Plan, folder: Path) -> None:
        marks = plan.mark_lines()
        mistakes = map(in_words, self.mistake_names(plan))
        files: dict[str, str | bytes] = {
            self.head.handout: notebooks.format_reference(self._cells, self.metadata, marks),
            "variants.toml": self._variants(plan),
            "mistakes.toml": toml.format_mistakes(mistakes, self.language),
        }
        if plan.probes:
            files[CODE_FILE] = toml.format_probes(plan.probes, self.language)
        else:
            (folder / CODE_FILE).unlink(missing_ok=True)
        write_files(folder, files)

    def _variants(self, plan: Plan) -> str:
        varied = VariedData(plan.inputs, plan.files, seeds=plan.seeds, draws=plan.draws)
        return toml.format_variants(varied, self.language)

    @property
    def _cells(self) -> list[DraftCell]:
        """The cells; a failing one is tagged, so that the others can be graded."""
        cells = list(self.notebook.cells)
        for index in self.failed:
            cells[index] = replace(cells[index], may_raise=True)
        return cells

    def load(self, folders: DraftFolders) -> ReferenceFiles:
        """Load the written assignment.

        Raises:
            AssignmentError: it cannot be used.
        """
        assignment = load_assignment(folders.exercises)
        return ReferenceFiles(assignment, folders.solutions)

    def mistake_names(self, plan: Plan) -> list[str]:
        """List the reference's mistakes: those that its marks name, and proposed ones."""
        marked = marked_mistakes(self.notebook.cells)
        proposed = [mistake.kind for mistake in plan.mistakes]
        return list(dict.fromkeys([*marked, *proposed]))


def marked_mistakes(cells: Sequence[DraftCell]) -> list[str]:
    """Find the mistakes that our own marks in a notebook name."""
    names = []
    for cell in cells:
        if cell.kind != "code":
            continue
        for line in cell.source.split("\n"):
            match = MARKER.match(line)
            if match and match["wrong"]:
                names.append(match["wrong"])
    return names


def without_words(names: Collection[str]) -> tuple[str, ...]:
    """List the mistakes that have no texts yet."""
    return tuple(name for name in names if name not in RULES)


def in_words(name: str) -> DraftedMistake:
    """Return the texts of a mistake in every language, by its kind, or generic ones."""
    names = {}
    hints = {}
    for language in LANGUAGES:
        if name in RULES:
            names[language] = word(f"draft-mistake-{name}", language)
            hints[language] = word(f"draft-hint-{name}", language)
        else:
            names[language] = name.replace("-", " ")
            hints[language] = word("draft-unworded-hint", language)
    return DraftedMistake(name, names, hints)
