"""Code for a newer Python is read by older releases, too."""

from __future__ import annotations

import sys

import pytest

from grader.kernel.portability.newer_python import as_older_python, rewrite_lines
from grader.kernel.portability.newer_strings import is_python

NAMES = {"d": {"a": 1.5, "b": "x"}, "x": 3, "width": 8}

WRITTEN = [
    ('f"{d["a"]:.3f}"', "1.500"),
    ("f'epoch {x}: {d['a']:.2f} {{x}}'", "epoch 3: 1.50 {x}"),
    ('f"{"\\n".join("ab")}"', "a\nb"),
    ('f"{d["a"]=}"', 'd["a"]=1.5'),
    ('f"{d["a"]:{width}.2f}|"', "    1.50|"),
    ('f"{f"{d["b"]}!"}"', "x!"),
    ('f"{d["b"]!r:>5}"', "  'x'"),
    ('f"{x != 3} {d["a"]}"', "False 1.5"),
    ('rf"\\d{d["a"]}"', "\\d1.5"),
    ('f"{d["a"]} {{}}\\t"', "1.5 {}\t"),
    ('f"\\N{DIGIT TWO}{d["a"]}"', "21.5"),
    ('"b{}" f"{d["a"]}"', "b{}1.5"),
    ('f"{d["a"]}" "b"', "1.5b"),
    ('f"{x}" f"{d["a"]}"', "31.5"),
    ('f"{d["a"] if x == 3 else d["b"]}"', "1.5"),
    ('f"{(lambda v: v)(d["a"])}"', "1.5"),
]


@pytest.mark.parametrize(("code", "text"), WRITTEN)
def test_an_f_string_gives_the_same_text(code: str, text: str) -> None:
    assert text == eval(as_older_python(code), dict(NAMES))


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this release reads them itself")
def test_lines_stay_where_they_are_and_the_rest_as_it_was() -> None:
    lines = ["a = 'it\\'s'  # f\"{\n", 'print(f"{d["a"]}")\n', "b = f'{a}'\n"]
    rewritten = rewrite_lines(lines)
    assert [lines[0], 'print("{}".format((d["a"])))\n', lines[2]] == rewritten


@pytest.mark.parametrize(
    "code", ['f"{d["a"]', 'f"{d["a"}"', "def f(:", 'f"{d["a"]}" + (', "f'{a!x}'", "f'}'", "'"]
)
def test_what_no_release_reads_stays_as_it_was(code: str) -> None:
    assert code == as_older_python(code)


def test_nested_without_end_is_no_trouble() -> None:
    code = 'f"{' * 5_000
    assert code == as_older_python(code)
    assert not is_python(code)


SYNTAX = {
    "def first[T](items: list[T]) -> T:\n    return items[0]\ngot = first([7, 8])": 7,
    "def call[**P, R: (int, str) = int](f, *a: P) -> R:\n    return f(*a)\ngot = call(abs, -7)": 7,
    "def many[\n    T,\n](x: T) -> T:\n    return x\ngot = many(7)": 7,
    "class Box[T]:\n    def get(self, x: T) -> T:\n        return x\ngot = Box().get(7)": 7,
    "class Box[*Ts](dict):\n    size: int = 7\ngot = Box().size": 7,
    "type Batch = tuple[int, int]\ndef f(b: Batch | None) -> int: return 7\ngot = f(0)": 7,
    "type Pair[A] = tuple[\n    A, A\n]\ndef f(b: Pair[int]): return 7\ngot = f(0)": 7,
    "try:\n    1 / 0\nexcept ValueError, ZeroDivisionError:\n    got = 7": 7,
    "def show[T](d: T) -> str:\n    return f'{d['a']}'\ngot = show({'a': 7})": "7",
    "type = 7\ngot = type": 7,
}  # fmt: skip


@pytest.mark.parametrize(("code", "value"), SYNTAX.items())
def test_newer_syntax_means_the_same(code: str, value: object) -> None:
    namespace: dict[str, object] = {}
    lines = rewrite_lines(code.splitlines(keepends=True))
    exec("".join(lines), namespace)
    assert (value, code.count("\n")) == (namespace["got"], "".join(lines).count("\n"))


@pytest.mark.parametrize(
    "code", ["def f[T:", "type X =", "class A[](B):\n    x = (", "except a, b:", "def f[T](x) x"]
)
def test_syntax_that_no_release_reads_stays_as_it_was(code: str) -> None:
    assert code == as_older_python(code)
