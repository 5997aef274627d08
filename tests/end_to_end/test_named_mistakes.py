"""Known mistakes are named in whatever style they are made, alone and several together."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.corpus.styles import COMBINATIONS, GRAPHS, STEP_MISTAKES, STYLES
from tests.support.corpus_assertions import leaks
from tests.support.corpus_grader import CorpusGrader, GradedNotebook
from tests.support.sampling import sample

pytestmark = pytest.mark.kernel

ALL_ALONE = [(name, style) for name in STEP_MISTAKES for style in STYLES]
ALL_TOGETHER = [(names, style) for names in COMBINATIONS for style in STYLES]
ALL_NETWORKS = [(name, way) for name, ways in GRAPHS.items() for way in range(len(ways))]

# A run of the tests tries a part of each; all of them with GRADER_TEST_ALL=1.
ALONE = sample(ALL_ALONE, len(ALL_ALONE) // 6, "alone")
TOGETHER = sample(ALL_TOGETHER, len(ALL_TOGETHER) // 10, "together")
NETWORKS = sample(ALL_NETWORKS, len(ALL_NETWORKS) // 6, "networks")


def make_notebooks() -> dict[str, tuple[str, ...]]:
    """Return the cells of every notebook of this module."""
    notebooks: dict[str, tuple[str, ...]] = {}
    for style, write in STYLES.items():
        notebooks[f"right|{style}"] = write([])
    for name, style in ALONE:
        notebooks[f"{name}|{style}"] = STYLES[style]([name])
    for names, style in TOGETHER:
        notebooks[f"{'+'.join(names)}|{style}"] = STYLES[style](names)
    for name, way in NETWORKS:
        notebooks[f"{name}|{way}"] = GRAPHS[name][way]
    return notebooks


NOTEBOOKS = make_notebooks()


@pytest.fixture(scope="module")
def graded(corpus_grader: CorpusGrader) -> Mapping[str, GradedNotebook]:
    """Every notebook of this module, run in a few kernels."""
    return corpus_grader.grade(NOTEBOOKS)


def mistakes_named(notebook: GradedNotebook) -> list[str]:
    """List the mistakes that are named, each once; a tie as `one|other`."""
    names: dict[str, None] = {}
    for result in notebook.results.values():
        for mistake in result.mistakes:
            names["|".join((mistake.id, *mistake.also))] = None
    return list(names)


def explain(notebook: GradedNotebook) -> str:
    lines: list[str] = []
    for result in notebook.results.values():
        if result.id != "resnet18-graph":
            mistakes = [mistake.id for mistake in result.mistakes]
            lines.append(f"{result.id}: {result.status} {mistakes} {result.checks[0].found}")
    return "\n".join(lines)


@pytest.mark.parametrize("style", STYLES)
def test_each_style_without_a_mistake_earns_everything(
    graded: Mapping[str, GradedNotebook], style: str
) -> None:
    results = graded[f"right|{style}"].results
    earned = {name: result.credit for name, result in results.items() if name != "resnet18-graph"}
    assert {"w-grad": 1.0, "gradient-step": 1.0, "loss-decrease": 1.0} == earned


@pytest.mark.parametrize(("name", "style"), ALONE)
def test_a_mistake_is_named(graded: Mapping[str, GradedNotebook], name: str, style: str) -> None:
    notebook = graded[f"{name}|{style}"]
    named = mistakes_named(notebook)
    assert 1 == len(named), f"{named}\n{explain(notebook)}"
    assert name in named[0].split("|"), explain(notebook)


@pytest.mark.parametrize(
    ("names", "style"), TOGETHER, ids=["+".join((*names, style)) for names, style in TOGETHER]
)
def test_mistakes_made_together_are_all_named(
    graded: Mapping[str, GradedNotebook], names: tuple[str, ...], style: str
) -> None:
    notebook = graded[f"{'+'.join(names)}|{style}"]
    assert sorted(names) == sorted(mistakes_named(notebook)), explain(notebook)


@pytest.mark.parametrize(("name", "way"), NETWORKS)
def test_a_mistake_of_the_graph_is_named(
    graded: Mapping[str, GradedNotebook], name: str, way: int
) -> None:
    assert [name] == mistakes_named(graded[f"{name}|{way}"])


def test_no_student_is_shown_an_expected_value(
    graded: Mapping[str, GradedNotebook], secrets: frozenset[str]
) -> None:
    assert {} == leaks(graded, NOTEBOOKS, secrets)
