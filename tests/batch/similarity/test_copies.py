"""Work that was handed on is found in whatever disguise, with the lines on both sides."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from grader.report import Similar, Who
from tests.support.classes import ODD, ORIGINAL, compare, handed_in, honest
from tests.support.sampling import sample

NAMES = {
    "errors": "erros",
    "squares": "q",
    "start": "perda_0",
    "both": "os_dois",
    "curve": "historico",
    "rate": "taxa",
    "epoch": "k",
    "value": "perda",
    "p": "parametro",
    "change": "passo",
    "worst": "pior",
    "scaled": "relativo",
    "six": "entrada",
    "guess": "petala",
    "y_hat": "previsto",
}


def renamed(*cells: str) -> tuple[str, ...]:
    return tuple(
        re.sub(r"\b[a-z_]+\b", lambda name: NAMES.get(name[0], name[0]), cell) for cell in cells
    )


def other_comments(*cells: str) -> tuple[str, ...]:
    return tuple("# minha versão\n" + re.sub("#.*", "# aqui", cell) for cell in cells)


def reformatted(*cells: str) -> tuple[str, ...]:
    return tuple(
        ast.unparse(ast.parse(cell)).replace(" = ", "=").replace("\n    ", "\n\n\t")
        for cell in cells
    )


def other_order(*cells: str) -> tuple[str, ...]:
    text = "\n--\n".join(cells)
    for above, below in (
        ("curve = []", "rate = 0.1"),
        ("curve.append(value.item())", "    value.backward()"),
    ):
        text = text.replace(
            f"{above}\n{below}", f"{below.strip()}\n{'    ' * below.startswith(' ')}{above}"
        )
    loss, *rest = text.split("\n--\n")
    return (loss, rest[2], rest[0], rest[1])


def one_cell(*cells: str) -> tuple[str, ...]:
    return ("\n".join(cells),)


def split_cells(*cells: str) -> tuple[str, ...]:
    return tuple(part for cell in cells for part in re.split(r"\n(?=both|curve|worst|guess)", cell))


def more_prints(*cells: str) -> tuple[str, ...]:
    return tuple(
        f"print('cheguei aqui')\n{cell}\nprint(x.shape, y.shape, {number})"
        for number, cell in enumerate(cells)
    )


def other_texts(*cells: str) -> tuple[str, ...]:
    return tuple(re.sub(r'"[^"]+"', "'-'", cell) for cell in cells)


def broken(*cells: str) -> tuple[str, ...]:
    return tuple(f"{cell}\nprint((w" for cell in cells)


def everything(*cells: str) -> tuple[str, ...]:
    return split_cells(*more_prints(*other_order(*other_texts(*other_comments(*renamed(*cells))))))


def unchanged(*cells: str) -> tuple[str, ...]:
    return cells


DISGUISES = (
    unchanged,
    renamed,
    other_comments,
    reformatted,
    other_order,
    one_cell,
    split_cells,
    more_prints,
    other_texts,
    broken,
    everything,
)
TRIED = sample(DISGUISES, 5, "disguises")
"""The disguises that this run tries; all of them with GRADER_TEST_ALL=1."""


@cache
def pairs_of(copy: tuple[str, ...], others: int = 28) -> tuple[Similar, ...]:
    """The pairs of a class in which Bruno has Ana's work in disguise."""
    return compare(
        {"ana": handed_in(*ORIGINAL), **honest(others), "bruno": handed_in(*copy)}
    ).similar


@pytest.mark.parametrize("disguise", TRIED, ids=lambda disguise: disguise.__name__)
def test_a_copy_is_the_only_pair_and_nearly_all_of_it_is_shared(disguise):
    (pair,) = pairs_of(disguise(*ORIGINAL))
    assert (("ana", "bruno"), True) == (pair.submissions, pair.share >= 0.9)


@pytest.mark.parametrize("disguise", TRIED, ids=lambda disguise: disguise.__name__)
def test_the_odd_lines_of_a_copy_are_shown(disguise):
    (pair,) = pairs_of(disguise(*ORIGINAL))
    assert set() == set(ODD) - {shared.left.source for shared in pair.shared}


def test_the_line_on_the_other_side_is_the_same_with_the_other_names():
    (pair,) = pairs_of(everything(*ORIGINAL))
    sides = {shared.left.source: shared.right.source for shared in pair.shared}
    assert {line: renamed(line)[0] for line in ODD} == {line: sides[line] for line in ODD}


def test_a_shared_line_says_where_it_stands_and_that_nobody_else_has_it():
    (pair,) = pairs_of(ORIGINAL)
    (line,) = [shared for shared in pair.shared if shared.left.source == ODD[1]]
    notebook = handed_in(*ORIGINAL)
    assert (ODD[1], 0) == (
        notebook[line.left.cell].source.split("\n")[line.left.line - 1],
        line.others,
    )


def test_a_copy_is_found_among_eight():
    assert [("ana", "bruno")] == [
        pair.submissions for pair in pairs_of(everything(*ORIGINAL), others=6)
    ]


def test_where_there_are_no_others_to_compare_with_it_takes_more_to_be_listed():
    longer = (
        *ORIGINAL,
        "\n".join(
            f"print(torch.{name}(x - w).sum())" for name in ("exp", "abs", "sin", "tanh", "relu")
        ),
    )
    alone = [
        compare({"ana": handed_in(*cells), "bruno": handed_in(*cells)}).similar
        for cells in (ORIGINAL, longer)
    ]
    assert [0, 1] == [len(pairs) for pairs in alone]


def test_of_three_who_share_it_every_pair_is_listed_and_knows_of_the_third():
    class_ = {"ana": handed_in(*ORIGINAL), **honest(20), "bruno": handed_in(*renamed(*ORIGINAL))}
    similar = compare({**class_, "caio": handed_in(*more_prints(*ORIGINAL))}).similar
    assert {("ana", "bruno"), ("ana", "caio"), ("bruno", "caio")} == {
        pair.submissions for pair in similar
    }
    assert {1} == {shared.others for shared in similar[0].shared if shared.left.source in ODD}


def test_a_part_that_is_long_and_odd_enough_is_found_in_work_that_is_otherwise_different():
    part = "\n".join(f"r{n} = layer.weight.f{n}(w, b - {n}).sum()" for n in range(40))
    own = {
        one: "\n".join(f"q{n} = X.{one}{n}(y * {n}, petal).max()" for n in range(80))
        for one in ("ana", "bruno")
    }
    (pair,) = compare(
        {**honest(28), **{one: handed_in(part, text) for one, text in own.items()}}
    ).similar
    assert (("ana", "bruno"), True) == (pair.submissions, pair.share < 0.5)


def test_two_of_a_group_are_not_compared():
    class_ = {"ana": handed_in(*ORIGINAL), **honest(20), "bruno": handed_in(*renamed(*ORIGINAL))}
    together = {"ana": Who(group="Grupo 1"), "bruno": Who(group="Grupo 1")}
    assert () == compare(class_, who=together).similar


def test_a_third_who_copied_from_a_group_is_listed_with_each_of_it():
    class_ = {"ana": handed_in(*ORIGINAL), "bruno": handed_in(*ORIGINAL), **honest(20)}
    together = {"ana": Who(group="Grupo 1"), "bruno": Who(group="Grupo 1")}
    similar = compare({**class_, "caio": handed_in(*renamed(*ORIGINAL))}, who=together).similar
    assert {("ana", "caio"), ("bruno", "caio")} == {pair.submissions for pair in similar}


def test_the_same_whatever_the_order_of_the_class():
    class_ = {"ana": handed_in(*ORIGINAL), **honest(12), "bruno": handed_in(*renamed(*ORIGINAL))}
    there, back = compare(class_).similar, compare(dict(reversed(class_.items()))).similar
    assert [pair.share for pair in there] == [pair.share for pair in back]
    assert [set(pair.submissions) for pair in there] == [set(pair.submissions) for pair in back]
