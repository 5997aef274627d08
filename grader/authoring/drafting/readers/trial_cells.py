"""Find given cells, which only try functions that an exercise defined above them. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Sequence

from grader.authoring.drafting.code import draws, only_imports
from grader.authoring.drafting.readers.asking_words import asks_with_verb
from grader.authoring.drafting.readers.blocks import only_shows
from grader.authoring.drafting.readers.headings import clean, unwrapped_lines
from grader.authoring.drafting.solved import SolvedCell
from grader.authoring.drafting.syntax import DEFINITION, called_name, names_bound, names_read
from grader.notebook.code import parse_cell
from grader.notebook.imports import IMPORT

_ASKS_MORE = re.compile(
    r"\b(and|then|to|e|y|et|und)\s+(then\s+)?(use|apply|call|evaluate|test|run|plot|print|show"
    r"|compute|calculate|train|check|try|calcule|aplique|use|mostre|treine|calcula|muestra|entrena)\b",
    re.IGNORECASE,
)
"""Words that ask for something beside a definition."""
_CALLED = (
    r"\b(as|called|named|call it|call them|name it|in|into|to|variable|list|chamad[oa]|em|como|en)"
)
"""Words before the name of a requested value."""
_SENTENCE_END = re.compile(r"(?<=[.:!])\s+")
_TRAINING = frozenset(("backward", "step"))


def without_trials(
    cells: Sequence[SolvedCell], indices: Iterable[int], texts: Sequence[str]
) -> list[int]:
    """Leave out code cells that only call functions defined above, and compute nothing requested.

    Args:
        cells: the notebook's.
        indices: those of an exercise's code cells.
        texts: the texts of the exercise.
    """
    words = "\n".join(texts)
    kept: list[int] = []
    defined: set[str] = set()
    for index in indices:
        source = cells[index].source
        if defined and _tries(source, defined, words):
            continue
        kept.append(index)
        defined |= _defined_alone(source)
    if len(kept) > 1 or _asks_for_more(words):
        return list(indices)
    return kept


def only_asserts(source: str) -> bool:
    """Return whether a cell contains only assertions and prints."""
    has_assertion = False
    for statement in parse_cell(source).body:
        if isinstance(statement, ast.Assert):
            has_assertion = True
        elif not only_shows(statement):
            return False
    return has_assertion


def _defined_alone(source: str) -> set[str]:
    """Name the functions and classes of a cell that has nothing else; none of another cell."""
    names: set[str] = set()
    for statement in parse_cell(source).body:
        if isinstance(statement, DEFINITION):
            names.add(statement.name)
        elif not isinstance(statement, IMPORT):
            return set()
    return names


def _tries(source: str, defined: Collection[str], words: str) -> bool:
    """Return whether a cell calls some names, and binds none that the words speak of."""
    tree = parse_cell(source)
    read = names_read(tree)
    if only_imports(source) or draws(source) or read.isdisjoint(defined):
        return False
    for statement in tree.body:
        if isinstance(statement, DEFINITION):
            return False
    calls = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            calls.append(node)
    if not _TRAINING.isdisjoint(map(called_name, calls)):
        return False
    bound = names_bound(tree)
    return not any(_is_asked_for(name, words) for name in bound)


def _is_asked_for(name: str, words: str) -> bool:
    """Return whether a text mentions a variable: as code, or as a requested name."""
    if re.search(rf"[`<>]{name}[`<(]", words):
        return True
    if re.search(r"_|\d", name):
        return re.search(rf"\b{name}\b", words) is not None
    return re.search(rf"{_CALLED}\W{{1,3}}{name}\b", words, re.IGNORECASE) is not None


def _asks_for_more(words: str) -> bool:
    """Return whether words ask for more than one thing."""
    if _ASKS_MORE.search(words):
        return True
    sentences: list[str] = []
    for line in unwrapped_lines(words):
        sentences += map(clean, _SENTENCE_END.split(line))
    return sum(map(asks_with_verb, sentences)) > 1
