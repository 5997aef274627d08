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
    def below(
        cls,
        folder: Path,
        name: str,
    ) -> DraftFolders:
        """Return those of an assignment below one folder."""
        return cls(folder / "exercises" / name, folder / "solutions" / name)

    def replace_by(self, drafted: DraftFolders) -> tuple[Path, ...]:
        """Put the folders of a draft in place of these; return the backups that were made."""
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
    """Writes a plan of one notebook, as often as it changes."""

    notebook: SolvedNotebook
    metadata: Mapping[str, Any]
    """That of the instructor's file."""
    head: AssignmentHead
    language: Language
    contents: Mapping[str, bytes]
    """The data files, by their names."""
    failed: frozenset[int] = frozenset()
    """Indices of the cells that did not run to their end."""

    def write(
        self,
        plan: Plan,
        folders: DraftFolders,
    ) -> None:
        """Write all files of both folders, as far as the plan has come."""
        self._write_exercises(plan, folders.exercises)
        self._write_solutions(plan, folders.solutions)

    def _write_exercises(
        self,
        plan: Plan,
        folder: Path,
    ) -> None:
        handout: str | bytes
        cells = []
        for index, cell in enumerate(self._cells):
            cells.append(self._reference_cell(index, cell))
        handout = self.notebook.handout or notebooks.format_handout(cells, self.metadata)
        exercises = []
        for planned in plan.exercises:
            exercises.append(planned.exercise)
        assignment = toml.format_assignment(
            self.head,
            exercises,
            self.language,
        )
        write_files(folder, {**self.contents, self.head.handout: handout, FILE_NAME: assignment})

    def _write_solutions(
        self,
        plan: Plan,
        folder: Path,
    ) -> None:
        cells = []
        for index, cell in enumerate(self._cells):
            cells.append(self._reference_cell(index, cell))
        mistakes = map(in_words, self.mistake_names(plan))
        files: dict[str, str | bytes] = {
            self.head.handout: notebooks.format_reference(
                cells,
                self.metadata,
                plan.mark_lines(),
            ),
            "variants.toml": self._variants(plan),
            "mistakes.toml": toml.format_mistakes(mistakes, self.language),
        }
        if plan.probes:
            files[CODE_FILE] = toml.format_probes(plan.probes, self.language)
        write_files(folder, files)
        if not plan.probes:
            (folder / CODE_FILE).unlink(missing_ok=True)

    def _variants(self, plan: Plan) -> str:
        varied = VariedData(
            plan.inputs,
            plan.files,
            seeds=plan.seeds,
            draws=plan.draws,
        )
        return toml.format_variants(varied, self.language)

    @property
    def _cells(self) -> Sequence[DraftCell]:
        return self.notebook.cells

    def _reference_cell(
        self,
        index: int,
        cell: DraftCell,
    ) -> DraftCell:
        """Say of a cell that fails that it may, so that the others can be graded."""
        return replace(cell, may_raise=True) if index in self.failed else cell

    def load(self, folders: DraftFolders) -> ReferenceFiles:
        """Read what was written.

        Raises:
            AssignmentError: it cannot be used.
        """
        return ReferenceFiles(load_assignment(folders.exercises), folders.solutions)

    def mistake_names(self, plan: Plan) -> list[str]:
        """Name the reference's mistakes: those that its marks name, and those proposed."""
        names = marked_mistakes(self._cells)
        names += [mistake.kind for mistake in plan.mistakes]
        return list(dict.fromkeys(names))


def marked_mistakes(cells: Sequence[DraftCell]) -> list[str]:
    """Find the mistakes that our own marks in a notebook name."""
    names = []
    code = []
    for cell in cells:
        if cell.kind == "code":
            code.append(cell.source)
    for source in code:
        for line in source.split("\n"):
            match = MARKER.match(line)
            if match and match["wrong"]:
                names.append(match["wrong"])
    return names


def without_words(names: Collection[str]) -> tuple[str, ...]:
    """List the mistakes that nobody has words for yet."""
    return tuple(name for name in names if name not in RULES)


def in_words(name: str) -> DraftedMistake:
    """Put a mistake into words in every language: of its kind, or of any if the kind is unknown."""
    if name not in RULES:
        text = name.replace("-", " ")
        hints = {language: word("draft-unworded-hint", language) for language in LANGUAGES}
        return DraftedMistake(
            name,
            dict.fromkeys(LANGUAGES, text),
            hints,
        )
    names = {}
    hints = {}
    for language in LANGUAGES:
        names[language] = word(f"draft-mistake-{name}", language)
        hints[language] = word(f"draft-hint-{name}", language)
    return DraftedMistake(
        name,
        names,
        hints,
    )
