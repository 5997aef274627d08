"""F-strings of Python 3.12 are read by older releases, too."""

from __future__ import annotations

import sys

import pytest

from grader.kernel.portability.newer_strings import is_python, rewrite_lines, with_older_strings

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
    assert text == eval(with_older_strings(code), dict(NAMES))


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this release reads them itself")
def test_lines_stay_where_they_are_and_the_rest_as_it_was() -> None:
    lines = ["a = 'it\\'s'  # f\"{\n", 'print(f"{d["a"]}")\n', "b = f'{a}'\n"]
    rewritten = rewrite_lines(lines)
    assert [lines[0], 'print("{}".format((d["a"])))\n', lines[2]] == rewritten


@pytest.mark.parametrize(
    "code", ['f"{d["a"]', 'f"{d["a"}"', "def f(:", 'f"{d["a"]}" + (', "f'{a!x}'", "f'}'", "'"]
)
def test_what_no_release_reads_stays_as_it_was(code: str) -> None:
    assert code == with_older_strings(code)


def test_nested_without_end_is_no_trouble() -> None:
    code = 'f"{' * 5_000
    assert code == with_older_strings(code)
    assert not is_python(code)
