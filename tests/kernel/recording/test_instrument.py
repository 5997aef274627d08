"""Probes between statements: what a cell does, shows and raises stays the same."""

from __future__ import annotations

import ast
import asyncio
import builtins
import contextlib
import inspect
import io
import sys
import traceback
from collections.abc import Iterator
from textwrap import dedent
from typing import Any

import pytest

from grader.kernel.recording.instrument import SUBSTITUTE_NAME, Instrument
from grader.kernel.recording.sites import ProbeSite
from tests.support.cells import SAME
from tests.support.raising import RAISES

FILE = "<cell>"
PLAIN = (int, str, list, tuple, dict)


class Probe:
    """Counts its passes; switched off after two, as the recorder's."""

    def __init__(self, site: ProbeSite) -> None:
        self.site = site
        self.on = True
        self.calls = 0
        self.passed: list[Any] = []

    def __call__(self) -> None:
        self.calls += 1
        self.on = self.calls < 2

    def passing(self, value: Any) -> Any:
        self.passed.append(value)
        return value


class Probes:
    """Instruments, and has the probes as builtins."""

    def __init__(self) -> None:
        self.made: list[Probe] = []
        self.substituted: list[Any] = []

    def register(self, site: ProbeSite) -> str:
        self.made.append(Probe(site))
        setattr(builtins, f"_test_probe_{len(self.made)}", self.made[-1])
        return f"_test_probe_{len(self.made)}"

    def tree(self, source: str, *, substitute: bool = False) -> ast.Module:
        return Instrument(self.register, substitute=substitute).visit(ast.parse(dedent(source)))

    def run(self, source: str, *, substitute: bool = False) -> dict[str, Any]:
        names: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(self.tree(source, substitute=substitute), FILE, "exec"), names)
        return names

    def substitution(self, value: Any) -> Any:
        self.substituted.append(value)
        return value

    def of_kind(self, kind: str) -> list[Probe]:
        return [probe for probe in self.made if probe.site.kind == kind]


@pytest.fixture
def probes() -> Iterator[Probes]:
    made = Probes()
    setattr(builtins, SUBSTITUTE_NAME, made.substitution)
    yield made
    delattr(builtins, SUBSTITUTE_NAME)
    for index in range(len(made.made)):
        delattr(builtins, f"_test_probe_{index + 1}")


def site(probes: Probes, kind: str = "value") -> ProbeSite:
    (probe,) = probes.of_kind(kind)
    return probe.site


def outcome(code: Any) -> tuple[Any, ...]:
    """What running code prints, the names it leaves, its error, and the lines of its traceback."""
    names: dict[str, Any] = {"__name__": "__main__"}
    printed, error, lines = io.StringIO(), None, []
    with contextlib.redirect_stdout(printed):
        try:
            exec(code, names)
        except BaseException as raised:  # noqa: BLE001 - also a KeyboardInterrupt has to come through as it is
            error = f"{type(raised).__name__}: {raised}"
            frames = traceback.extract_tb(raised.__traceback__)
            lines = [(frame.lineno, frame.name) for frame in frames if frame.filename == FILE]
    values: dict[str, Any] = {}
    for name, value in names.items():
        if not name.startswith("_"):
            values[name] = value if isinstance(value, PLAIN) else type(value).__name__
    return printed.getvalue(), values, error, lines


@pytest.mark.parametrize("substitute", [False, True], ids=["plain", "variant"])
@pytest.mark.parametrize("name", sorted(SAME))
def test_a_cell_does_and_prints_what_it_did(probes, name, substitute):
    source = dedent(SAME[name])
    expected = outcome(compile(source, FILE, "exec"))
    assert expected == outcome(compile(probes.tree(source, substitute=substitute), FILE, "exec"))


@pytest.mark.parametrize("name", sorted(RAISES))
def test_a_cell_raises_what_it_did_from_the_same_lines(probes, name):
    source = dedent(RAISES[name])
    expected = outcome(compile(source, FILE, "exec"))
    assert expected[2] is not None
    assert expected == outcome(compile(probes.tree(source), FILE, "exec"))


@pytest.mark.parametrize("name", sorted(set(RAISES) - {"assert"}))
def test_a_cell_of_a_variant_raises_what_it_did_from_the_same_lines(probes, name):
    source = dedent(RAISES[name])
    expected = outcome(compile(source, FILE, "exec"))
    assert expected == outcome(compile(probes.tree(source, substitute=True), FILE, "exec"))


def test_the_last_expression_is_still_an_expression_that_is_shown(probes):
    assert isinstance(probes.tree("a = 1\na").body[-1], ast.Expr)


def test_a_last_assignment_is_not_shown(probes, monkeypatch):
    shown: list[Any] = []
    monkeypatch.setattr(sys, "displayhook", shown.append)
    exec(compile(ast.Interactive(probes.tree("a = 1").body), FILE, "single"), {})
    assert [None] * len(shown) == shown


def test_a_top_level_await_can_be_instrumented(probes):
    tree = probes.tree(
        "import asyncio\nx = await asyncio.sleep(0, 5)\nawait asyncio.sleep(0)\n"
        "async for k in g(): y = k\n"
    )
    code = compile(tree, FILE, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert inspect.CO_COROUTINE & code.co_flags


def test_a_top_level_await_gives_what_it_gave(probes):
    tree = probes.tree("import asyncio\nx = await asyncio.sleep(0, 5)\n")
    names: dict[str, Any] = {}
    loop = asyncio.new_event_loop()
    loop.run_until_complete(
        eval(compile(tree, FILE, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
    )
    loop.close()
    assert 5 == names["x"]


def test_a_probe_stands_after_each_assignment(probes):
    probes.run("a = 1\nb = a\n")
    assert [(1, ("a",), ()), (2, ("b", "a"), ("a",))] == [
        (p.site.line, p.site.names, p.site.rhs) for p in probes.of_kind("value")
    ]


def test_a_probe_is_not_called_again_after_two_passes(probes):
    probes.run("s = 0\nfor i in range(1000):\n    s += i\n")
    assert [1, 2] == [probe.calls for probe in probes.of_kind("value")]


def test_a_loop_is_looked_at_once_after_its_end(probes):
    probes.run("for i in range(1000):\n    s = i\n    t = s\n")
    assert (1, ("i", "s", "t")) == (probes.of_kind("loop")[0].calls, site(probes, "loop").assigned)


@pytest.mark.parametrize(
    ("source", "assigned"),
    [
        ("w = 1", ("w",)),
        ("a, (b, *c) = 1, (2, 3)", ("a", "b", "c")),
        ("w.data = w.data - 1", ("w",)),
        ("res['x'][0] = 1", ("res",)),
        ("m.layer.weight.data -= 1", ("m",)),
        ("w -= 1", ("w",)),
        ("a = b = 1", ("a", "b")),
    ],
)
def test_what_a_statement_assigns_is_known_by_its_root(probes, source, assigned):
    probes.tree(source)
    assert assigned == site(probes).assigned


@pytest.mark.parametrize(
    ("source", "assigned"),
    [
        ("w.sub_(g)", ("w",)),
        ("losses.append(1)", ("losses",)),
        ("w.grad.zero_()", ()),
        ("f(w)", ()),
        ("w", ()),
    ],
)
def test_a_method_that_ends_a_statement_writes_into_its_receiver(probes, source, assigned):
    probes.tree(source)
    assert assigned == site(probes, "shown").assigned


def test_an_augmented_assignment_reads_what_it_writes(probes):
    probes.tree("w -= lr")
    assert ("w", "lr") == site(probes).rhs


def test_what_print_is_given_passes_through_probes(probes):
    probes.run("a = 2\nprint('x', a + 1, f'{a * 2:.1f}', *[5], end='')")
    passed = {probe.site.path: probe.passed for probe in probes.of_kind("argument")}
    assert {"argument[1]": [3], "argument[2][0]": [4]} == passed


def test_what_a_function_returns_passes_through_a_probe(probes):
    probes.run("def f():\n    return 2 + 1\nf()")
    assert ([3], "return", "f") == (probes.of_kind("returned")[0].passed, *_path_and_scope(probes))


def _path_and_scope(probes: Probes) -> tuple[str, str]:
    returned = site(probes, "returned")
    return returned.path, returned.scope


def test_a_method_is_named_by_its_class(probes):
    probes.tree("class A:\n    def f(self):\n        def g():\n            x = 1\n")
    assert "A.f.g" == site(probes).scope


def test_a_statement_of_a_class_has_no_probe_since_its_names_are_the_classs(probes):
    probes.run("class A:\n    x = 1\n")
    assert [] == probes.made


@pytest.mark.parametrize(
    "source", ["'words'", "...", "1", "pass", "import math", "x: int", "def f(): pass"]
)
def test_what_computes_nothing_has_no_probe(probes, source):
    probes.run(source)
    assert [] == probes.made


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("x = f()", [3]),
        ("x = 1 + 2", [3]),
        ("x = [1, 2]", [[1, 2]]),
        ("x = (1, 2)", [(1, 2)]),
        ("x = [k for k in (1, 2)]", [(1, 2), [1, 2]]),
        ("x = {'k': [1, 2]}", [[1, 2], {"k": [1, 2]}]),
        ("g = lambda: [1, 2]\ng()", [[1, 2], [1, 2]]),
        ("def g(a=[1, 2], *, b=(3, 4)): pass", [[1, 2], (3, 4)]),
        ("class A:\n    x = [1, 2]", [[1, 2]]),
        ("for k in [1, 2]: pass", [[1, 2]]),
        ("if [1, 2]: pass", [[1, 2]]),
        ("def g():\n    return [1, 2]\ng()", [[1, 2], [1, 2]]),
        ("(y := [1, 2])", [[1, 2], [1, 2]]),
        ("a = [5, 6]\nb = a[1, 0] if 0 else 1", [[5, 6]]),
    ],
)
def test_in_a_variant_the_data_is_followed_through_each_expression(probes, source, seen):
    probes.run("def f(): return 3\n", substitute=False)
    probes.substituted.clear()
    names: dict[str, Any] = {"f": lambda: 3}
    exec(compile(probes.tree(source, substitute=True), FILE, "exec"), names)
    interesting = [
        value
        for value in probes.substituted
        if value is not None and not callable(value) and value != 1
    ]
    assert seen == interesting


def test_in_a_variant_asserts_are_left_out(probes):
    assert (
        2
        == probes.run("x = 1\nassert x == 3\nif x:\n    assert False\nx = 2", substitute=True)["x"]
    )


def test_on_the_data_as_it_is_nothing_is_substituted(probes):
    probes.run("x = [1, 2]\nprint(x)", substitute=False)
    assert [] == probes.substituted


def test_a_target_is_never_substituted(probes):
    names = probes.run(
        "a = [0, 0]\na[0], b = 1, 2\n[c, d] = 3, 4\n(e), *f = [5, 6]\n", substitute=True
    )
    assert ([1, 0], 2, 3, 4, 5, [6]) == tuple(names[name] for name in "abcdef")
