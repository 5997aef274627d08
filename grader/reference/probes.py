"""Read the author's code and files for questions: `probes.py`, and held-out files.

Both are in `solutions/<name>/`, and students never get them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.errors import AssignmentError
from grader.job import InputFile, Question
from grader.kernel.recording.aliases import DATA
from grader.notebook.expressions import names_bound

CODE_FILE = "probes.py"
"""File with functions that the expressions of exercises may call."""

HELD_OUT = "held_out"
"""Folder with files that `probes.py` reads below `DATA`."""

DATA_NAME = re.compile(rf"\b{DATA}\b")
"""The name by which expressions know that folder."""

MAX_HELD_OUT_MIB = 32


@dataclass(frozen=True)
class Probes:
    """Code and files that are added to a kernel after the cells of a notebook have run."""

    code: str = ""
    """The source of `probes.py`."""
    held_out: tuple[InputFile, ...] = ()
    """Files, by their paths below the folder `held_out`."""

    @property
    def version(self) -> str:
        """Hash of all of it."""
        parts = [self.code]
        for file in self.held_out:
            parts.append(f"{file.name} {file.sha256}")
        text = "\n".join(parts)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def complete(self, questions: Iterable[Question]) -> tuple[Question, ...]:
        """Let questions that evaluate expressions use the code.

        Its definitions are not names of a notebook.
        """
        return tuple(map(self._complete, questions))

    def serves(self, question: Question) -> bool:
        """Return whether a question uses the code or held-out files."""
        defined = names_bound(self.code)
        if not defined.isdisjoint(question.names):
            return True
        lines = [question.code, question.asserts, question.make, *question.calls]
        return any(DATA_NAME.search(line) for line in lines)

    def _complete(self, question: Question) -> Question:
        defined = names_bound(self.code)
        names = tuple(name for name in question.names if name not in defined)
        if question.function and names == question.names:
            return question  # no call uses the code
        code = question.code
        if self.code:
            code = f"{self.code}\n{question.code}"
        return question.model_copy(update={"names": names, "code": code})


def read_probes(folder: Path) -> Probes:
    """Read `probes.py` and the held-out files of `solutions/<name>/`, if they exist.

    Raises:
        AssignmentError: the code does not parse, or there is too much data.
    """
    path = folder / CODE_FILE
    code = ""
    if path.is_file():
        code = path.read_text("utf-8")
    try:
        names_bound(code)
    except SyntaxError as error:
        raise AssignmentError(
            f"line {error.lineno} does not parse: {error.msg}.", "Correct it.", where=path
        ) from None
    return Probes(code, tuple(_held_out(folder / HELD_OUT)))


def _held_out(folder: Path) -> list[InputFile]:
    files: list[InputFile] = []
    total = 0
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        total += len(content)
        digest = hashlib.sha256(content).hexdigest()
        name = path.relative_to(folder).as_posix()
        files.append(InputFile(name=name, path=path, sha256=digest))
    if total > MAX_HELD_OUT_MIB * 2**20:
        raise AssignmentError(
            f"the held-out files have more than {MAX_HELD_OUT_MIB} MiB.",
            "Hold out less: a few hundred examples measure a score well enough.",
            where=folder,
        )
    return files
