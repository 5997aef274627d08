"""The right mistake is named, in whatever style it was made; so are several that were made together."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.corpus.styles import COMBINATIONS, GRAPHS, STEP_MISTAKES, STYLES
from tests.support.corpus_grader import CorpusGrader, GradedNotebook
from tests.support.secrecy import given_away

pytestmark = pytest.mark.kernel

ALONE = [(name, style) for name in STEP_MISTAKES for style in STYLES]
TOGETHER = [(names, style) for names in COMBINATIONS for style in STYLES]
NETWORKS = [(name, way) for name, ways in GRAPHS.items() for way in range(len(ways))]


def notebooks() -> dict[str, tuple[str, ...]]:
    """The cells of every notebook of this module."""
    steps = {f"{name}|{style}": STYLES[style]([name]) for name, style in ALONE}
    steps |= {f"{'+'.join(names)}|{style}": STYLES[style](names) for names, style in TOGETHER}
    steps |= {f"right|{style}": STYLES[style]([]) for style in STYLES}
    return steps | {f"{name}|{way}": GRAPHS[name][way] for name, way in NETWORKS}


@pytest.fixture(scope="module")
def graded(corpus_grader: CorpusGrader) -> Mapping[str, GradedNotebook]:
    """Every notebook of this module, run in a few kernels."""
    return corpus_grader.grade(notebooks())


def named(notebook: GradedNotebook) -> list[str]:
    """The mistakes that are told, each once; a tie as `one|other`."""
    told = (mistake for result in notebook.results.values() for mistake in result.mistakes)
    return list(dict.fromkeys("|".join((mistake.id, *mistake.also)) for mistake in told))


def explained(notebook: GradedNotebook) -> str:
    return "\n".join(
        f"{result.id}: {result.status} {[m.id for m in result.mistakes]} {result.checks[0].found}"
        for result in notebook.results.values()
        if result.id != "resnet18-graph"
    )


@pytest.mark.parametrize("style", STYLES)
def test_each_style_without_a_mistake_earns_everything(
    graded: Mapping[str, GradedNotebook], style: str
) -> None:
    results = graded[f"right|{style}"].results
    assert {"w-grad": 1.0, "gradient-step": 1.0, "loss-decrease": 1.0} == {
        name: result.credit for name, result in results.items() if name != "resnet18-graph"
    }


@pytest.mark.parametrize(("name", "style"), ALONE)
def test_a_mistake_is_named(graded: Mapping[str, GradedNotebook], name: str, style: str) -> None:
    notebook = graded[f"{name}|{style}"]
    assert [name] == [one for told in named(notebook) for one in told.split("|") if one == name], (
        explained(notebook)
    )
    assert 1 == len(named(notebook)), f"{named(notebook)}\n{explained(notebook)}"


@pytest.mark.parametrize(
    ("names", "style"), TOGETHER, ids=["+".join((*names, style)) for names, style in TOGETHER]
)
def test_mistakes_made_together_are_all_named(
    graded: Mapping[str, GradedNotebook], names: tuple[str, ...], style: str
) -> None:
    notebook = graded[f"{'+'.join(names)}|{style}"]
    assert sorted(names) == sorted(named(notebook)), explained(notebook)


@pytest.mark.parametrize(("name", "way"), NETWORKS)
def test_a_mistake_of_the_graph_is_named(
    graded: Mapping[str, GradedNotebook], name: str, way: int
) -> None:
    assert [name] == named(graded[f"{name}|{way}"])


def test_no_student_is_shown_an_expected_value(
    graded: Mapping[str, GradedNotebook], secrets: frozenset[str]
) -> None:
    known = {name: "\n".join(cells) for name, cells in notebooks().items()}
    told = {
        name: given_away(one.as_submission(), known[name], secrets) for name, one in graded.items()
    }
    assert {} == {name: found for name, found in told.items() if found}
