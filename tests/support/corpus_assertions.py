"""Compare what notebooks of the corpus earned with what they must earn."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from grader.messages import Language
from grader.report import ExerciseResult
from tests.corpus import Case
from tests.support.corpus_grader import GradedNotebook
from tests.support.secrecy import given_away


def assert_earns(case: Case, notebook: GradedNotebook) -> None:
    """Fail unless a notebook earned what its case must earn."""
    earned: dict[str, float | str] = {}
    for exercise, expected in case.earns.items():
        earned[exercise] = _outcome(notebook.results[exercise], expected)
    assert dict(case.earns) == earned, f"{case.why}\n{_explain(notebook, list(case.earns))}"


def _outcome(result: ExerciseResult, expected: float | str) -> float | str:
    """Return the status where a status is expected, else the credit."""
    return result.status if isinstance(expected, str) else round(result.credit, 9)


def _explain(notebook: GradedNotebook, exercises: Sequence[str]) -> str:
    """Say what a notebook computed, for the person who reads why a test failed."""
    lines: list[str] = []
    for exercise in exercises:
        lines += _explain_result(notebook.results[exercise])
    for run in notebook.trace.runs:
        for cell in run.cells:
            if cell.status != "ok":
                lines.append(f"{run.label} cell {cell.cell}: {cell.error}: {cell.message[:90]}")
    return "\n".join(lines)


def _explain_result(result: ExerciseResult) -> list[str]:
    check = result.checks[0]
    message = check.message
    lines = [f"{result.id}: {result.status} {result.credit}, {message.id} {message.params}"]
    if check.found:
        name = check.found.name or "(no name)"
        lines.append(f"    {name} = {check.found.value} in {check.found.where.source!r}")
    for mistake in result.mistakes:
        lines.append(f"    mistake {mistake.id} {mistake.also or ''}")
    return lines


def leaks(
    graded: Mapping[str, GradedNotebook],
    notebooks: Mapping[str, Sequence[str]],
    secrets: Collection[str],
) -> dict[str, dict[Language, frozenset[str]]]:
    """Return the expected numbers that students are shown, by the name of their notebook.

    Args:
        graded: the graded notebooks.
        notebooks: the sources of their cells: numbers in them are no leaks.
        secrets: the expected numbers.
    """
    by_name: dict[str, dict[Language, frozenset[str]]] = {}
    for name, notebook in graded.items():
        known = "\n".join(notebooks[name])
        shown = given_away(notebook.as_submission(), known, secrets)
        if shown:
            by_name[name] = shown
    return by_name
