"""Write f-strings of Python 3.12 as older releases read them. Imports the standard library alone.

Up to Python 3.11, the expressions of an f-string can contain neither its quotes nor a backslash:
`f"{history["loss"]:.3f}"` is right on Colab, and no Python here. It becomes
`"{:.3f}".format((history["loss"]))`, on the same line. The grammar is that of PEP 701.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

MAX_DEPTH = 20
"""Most f-strings and fields inside one another."""

STRING = re.compile(r"(?<![\w])(?P<prefix>[rRbBuUfF]{0,2})(?P<quote>'''|\"\"\"|'|\")")
"""The beginning of a string."""

CONVERSION = re.compile(r"!(?P<kind>[rsa])\s*(?=[:}])")
SHOWN = re.compile(r"(?<![=!<>])=\s*(?=[!:}])")
"""In `{loss=}`, what shows the expression itself."""

_NO_STRING, _KEPT, _REWRITTEN = range(3)
"""What stands before a string: other code, a string as it was, or a rewritten one."""

NAMED = re.compile(r"\\N\{[^}\n]*\}")
"""A character by its name, `\\N{DASH}`."""

OPENING, CLOSING = "([{", ")]}"


class _NotReadable(Exception):
    """The code is no Python of a newer release, either."""


@dataclass
class _Format:
    """An f-string as a template of `str.format`, and the arguments for it."""

    template: list[str] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)


def is_python(code: str) -> bool:
    """Return whether this release of Python can parse some code."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def with_older_strings(code: str) -> str:
    """Rewrite the f-strings that this release cannot parse; nothing if no release can."""
    try:
        return _Rewriter(code).rewritten()
    except _NotReadable:
        return code


class _Rewriter:
    """Reads code from its beginning to its end."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._position = 0
        self._depth = 0

    def rewritten(self) -> str:
        """Return the code with other f-strings."""
        return self._until(lambda: False)

    def _until(self, is_end: Callable[[], bool]) -> str:
        """Read code up to an end outside of brackets, rewriting the strings in it."""
        pieces: list[str] = []
        brackets = 0
        before = _NO_STRING
        while self._position < len(self._code):
            if brackets == 0 and is_end():
                break
            string = STRING.match(self._code, self._position)
            if string is not None:
                begin = self._position
                text = self._string(string)
                now = _REWRITTEN if text != self._code[begin : self._position] else _KEPT
                if before + now > _KEPT + _KEPT and before != _NO_STRING:
                    pieces.append("+ ")  # `"a" f"{b}"` is one string, and a call is none
                pieces.append(text)
                before = now
                continue
            character = self._code[self._position]
            if not character.isspace() and character != "\\":
                before = _NO_STRING
            if character == "#":
                pieces.append(self._comment())
                continue
            brackets += (character in OPENING) - (character in CLOSING)
            pieces.append(character)
            self._position += 1
        return "".join(pieces)

    def _comment(self) -> str:
        begin = self._position
        end = self._code.find("\n", begin)
        self._position = len(self._code) if end < 0 else end
        return self._code[begin : self._position]

    def _string(self, opened: re.Match[str]) -> str:
        prefix, quote = opened["prefix"], opened["quote"]
        begin = self._position
        self._position = opened.end()
        if "f" not in prefix.lower():
            self._skip_to(quote)
            return self._code[begin : self._position]

        result = _Format()
        self._read_format(result, quote, is_raw="r" in prefix.lower())
        literal = self._code[begin : self._position]
        if is_python(literal):
            return literal
        plain_prefix = prefix.replace("f", "").replace("F", "")
        template = "".join(result.template)
        arguments = ", ".join(f"({argument})" for argument in result.arguments)
        return f"{plain_prefix}{quote}{template}{quote}.format({arguments})"

    def _skip_to(self, quote: str) -> None:
        """Go behind the end of a string without fields."""
        while not self._code.startswith(quote, self._position):
            if self._position >= len(self._code):
                raise _NotReadable
            is_escape = self._code[self._position] == "\\"
            self._position += 2 if is_escape else 1
        self._position += len(quote)

    def _read_format(self, result: _Format, quote: str, *, is_raw: bool) -> None:
        """Read an f-string up to its end, behind its opening quotes."""
        self._enter()
        while not self._code.startswith(quote, self._position):
            pair = self._code[self._position : self._position + 2]
            if not pair or (pair[0] == "\n" and len(quote) == 1):
                raise _NotReadable
            is_escape = pair[0] == "\\" and not is_raw
            named = NAMED.match(self._code, self._position) if is_escape else None
            if named is not None:
                result.template.append(named[0])
                self._position = named.end()
            elif is_escape or pair in ("{{", "}}"):
                result.template.append(pair)
                self._position += 2
            elif pair[0] == "{":
                self._read_field(result)
            elif pair[0] == "}":
                raise _NotReadable
            else:
                result.template.append(pair[0])
                self._position += 1
        self._position += len(quote)
        self._depth -= 1

    def _read_field(self, result: _Format) -> None:
        """Read a field with its braces."""
        self._enter()
        self._position += 1
        expression = self._until(self._ends_expression)
        result.template.append("{")
        shown = SHOWN.match(self._code, self._position)
        if shown is not None:
            self._position = shown.end()
            result.template.append("}{")
            result.arguments.append(repr(expression + shown[0]))
        result.arguments.append(expression)

        conversion = CONVERSION.match(self._code, self._position)
        if conversion is not None:
            self._position = conversion.end()
            result.template.append(f"!{conversion['kind']}")
        elif shown is not None and self._code.startswith("}", self._position):
            result.template.append("!r")
        if self._code.startswith(":", self._position):
            self._read_specification(result)
        if not self._code.startswith("}", self._position):
            raise _NotReadable
        result.template.append("}")
        self._position += 1
        self._depth -= 1

    def _ends_expression(self) -> bool:
        """Return whether the expression of a field ends here."""
        if self._code[self._position] in "}:":
            return True
        return any(ending.match(self._code, self._position) for ending in (CONVERSION, SHOWN))

    def _read_specification(self, result: _Format) -> None:
        """Read what follows the colon of a field, which may contain fields."""
        while not self._code.startswith("}", self._position):
            if self._position >= len(self._code):
                raise _NotReadable
            if self._code[self._position] == "{":
                self._read_field(result)
                continue
            result.template.append(self._code[self._position])
            self._position += 1

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _NotReadable
