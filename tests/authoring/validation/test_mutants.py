"""What is changed in a reference to make a mutant of it, and what is left as it is."""

from __future__ import annotations

from textwrap import dedent

import pytest

from grader.authoring.validation.mutants import Mutant, make_mutants
from grader.reference.markers import read_reference, sources

DATA = (0, "data = [1, 2]")


def mutants_of(source: str, *, mark: str = "# grade: mean = m") -> tuple[Mutant, ...]:
    """The mutants of a cell that holds an answer, behind one that holds none."""
    cell = f"{dedent(source).strip()}\n{mark}"
    return make_mutants(read_reference([DATA, (3, cell)]).cells)


def changed(source: str, kind: str) -> list[str]:
    """The changed lines of the mutants of a kind."""
    return [mutant.after for mutant in mutants_of(source) if mutant.kind == kind]


def test_a_cell_without_an_answer_is_left_alone() -> None:
    assert () == make_mutants(read_reference([DATA, (1, "n = 2\n# tell: mean how many = n")]).cells)


@pytest.mark.parametrize(
    "statement",
    [
        "m = a",
        "m -= a",
        "m: float = a",
        "loss.backward()",
        "m = [\n    a,\n    b,\n]",
        "await m.step()",
    ],
)
def test_a_statement_is_left_out(statement: str) -> None:
    assert ["pass"] == changed(statement, "drop")


def test_a_statement_inside_another_is_left_out_alone() -> None:
    (mutant,) = mutants_of("for d in data:\n    m = f(d)\n    print(m)")
    assert "for d in data:\n    pass\n    print(m)" == mutant.code


def test_a_statement_leaves_as_many_lines_as_it_had() -> None:
    (mutant,) = mutants_of("m = [\n    a,\n]\nprint(m)")
    assert ("pass\n\n\nprint(m)", "m = [ …") == (mutant.code, mutant.before)


@pytest.mark.parametrize(
    ("operation", "others"),
    [
        ("a + b", ["a - b", "a * b", "a / b"]),
        ("a - b", ["a + b", "a * b", "a / b"]),
        ("a * b", ["a + b", "a - b", "a / b", "a ** b"]),
        ("a / b", ["a + b", "a - b", "a * b"]),
        ("a // b", ["a * b", "a / b"]),
        ("a % b", ["a * b", "a / b"]),
        ("a ** b", ["a + b", "a * b", "a / b"]),
        ("a @ b", ["a * b"]),
        ("a < b", ["a <= b", "a > b"]),
        ("a >= b", ["a > b", "a < b"]),
        ("a == b", ["a != b"]),
        ("(a)-(b)", ["(a)+(b)", "(a)*(b)", "(a)/(b)"]),
        ("á % b", ["á * b", "á / b"]),
    ],
)
def test_an_operator_becomes_another(operation: str, others: list[str]) -> None:
    assert [f"m = {other}" for other in others] == changed(f"m = {operation}", "operator")


def test_the_operator_of_an_assignment_becomes_another() -> None:
    assert ["m += a", "m *= a", "m /= a"] == changed("m -= a", "operator")


def test_of_a_chain_each_comparison_becomes_another() -> None:
    assert ["m = a != b < c", "m = a == b <= c", "m = a == b > c"] == changed(
        "m = a == b < c", "operator"
    )


def test_an_operator_is_not_taken_from_a_comment_between() -> None:
    assert ["* b)", "/ b)"] == changed("m = (a  # not + yet\n+ b)", "operator")[1:]


@pytest.mark.parametrize("expression", ["'a %d' % b", "f'{a + 1}'", "'a' + b"])
def test_text_stays_as_it_is(expression: str) -> None:
    assert ["drop"] == [mutant.kind for mutant in mutants_of(f"m = {expression}")]


@pytest.mark.parametrize(
    ("constant", "others"),
    [
        ("0", ["1"]),
        ("1", ["2", "0"]),
        ("7", ["8", "6"]),
        ("0.", ["1.0"]),
        ("0.1", ["0.11", "1.0"]),
        ("10.", ["11.0", "100.0"]),
        ("True", ["False"]),
        ("1e308", []),
        ("None", []),
        ("'a'", []),
        ("2j", []),
    ],
)
def test_a_constant_becomes_another(constant: str, others: list[str]) -> None:
    assert [f"m = f({other})" for other in others] == changed(f"m = f({constant})", "constant")


def test_a_minus_sign_is_left_out() -> None:
    assert ["m = a", "m = a + b"] == changed("m = -a", "minus") + changed("m = a + -b", "minus")


def test_a_minus_sign_is_left_out_where_a_word_stands_before_it() -> None:
    assert ["return a"] == changed("def f(a):\n    return-a\nm = f(n)", "minus")


@pytest.mark.parametrize(
    ("call", "other"),
    [("e.sum()", "e.mean()"), ("torch.ones(n)", "torch.zeros(n)"), ("max(e)", "min(e)")],
)
def test_a_function_becomes_one_it_is_taken_for(call: str, other: str) -> None:
    assert [f"m = {other}"] == changed(f"m = {call}", "function")


@pytest.mark.parametrize(
    "line",
    [
        "import torch",
        "print(a + 1)",
        "display(-a)",
        "make_dot(loss, 1)",
        "plt.plot([0, 1])",
        "pyplot.show()",
        "m",
        "m.grad + 1",
        '"""What 1 + 1 is."""',
        "assert m > 0",
        "%pip install torch==2.0",
        "!ls -1",
    ],
)
def test_what_only_shows_or_imports_something_is_left_alone(line: str) -> None:
    assert () == mutants_of(f"{line}\npass")


def test_types_and_decorators_are_left_alone() -> None:
    assert [] == changed("@f(1)\ndef g(a: f[2]) -> f[3]:\n    b: f[4]", "constant")


def test_defaults_of_a_function_are_changed() -> None:
    assert [
        "def g(a=2, *, b=4):",
        "def g(a=0, *, b=4):",
        "def g(a=1, *, b=5):",
        "def g(a=1, *, b=3):",
    ] == changed("def g(a=1, *, b=4):\n    pass", "constant")


def test_lines_that_are_not_changed_stay_as_they_were_written() -> None:
    (mutant,) = mutants_of("a=( 1,)[ i ]  # as it is\nm  =  'x'", mark="# grade: mean = m")[-1:]
    assert "a=( 1,)[ i ]  # as it is\npass" == mutant.code


def test_magic_lines_stay_where_they_are() -> None:
    assert "%pip install torch\npass" == mutants_of("%pip install torch\nm = a")[0].code


def test_a_mark_stays_where_it_is() -> None:
    cells = read_reference([DATA, (3, "m = [\n    a,\n]\n# grade: mean = m\nm = 0")]).cells
    marked = dict(sources(make_mutants(cells)[0].within(cells)))
    assert "pass\n\n\n_grader_mark('mean', 0, 1.0, (m))\nm = 0" == marked[3]


def test_two_mutants_with_the_same_code_are_one() -> None:
    codes = [mutant.code for mutant in mutants_of("m = sum(a) / len(a) + 0 - 1")]
    assert len(codes) == len(set(codes))


def test_an_id_says_where_and_what_and_is_the_mutants_own() -> None:
    ids = [mutant.id for mutant in mutants_of("# first\nm = 1 + a\nm = -m")]
    expected = [
        "4.2.drop.1",
        "4.2.constant.1",
        "4.2.constant.2",
        *(f"4.2.operator.{n}" for n in (1, 2, 3)),
    ]
    assert [*expected, "4.3.drop.1", "4.3.minus.1"] == ids


def test_a_mutant_stands_in_its_cell_alone() -> None:
    cells = read_reference([DATA, (3, "m = a\n# grade: mean = m")]).cells
    (mutant,) = make_mutants(cells)
    assert ["data = [1, 2]", "pass"] == [cell.code for cell in mutant.within(cells)]
